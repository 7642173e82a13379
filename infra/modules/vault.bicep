@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Its region.')
param location string

@description('Tags of every resource.')
param tags object

@description('True to make the vault reachable by its private endpoint only.')
param isPrivate bool

@description('Holds one secret for each user; roles say who may read them.')
resource vault 'Microsoft.KeyVault/vaults@2026-05-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

output id string = vault.id
output uri string = vault.properties.vaultUri
