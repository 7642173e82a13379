@description('Name of the identity.')
param name string

@description('Its region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The identity of the app towards vault, storage and monitoring, in place of keys.')
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
