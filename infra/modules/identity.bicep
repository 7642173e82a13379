@description('Name of the identity.')
param name string

@description('Where it lives.')
param location string

@description('Put on every resource.')
param tags object

@description('What the app is towards the vault, storage and monitoring: nothing here has a key.')
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
