@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Where it lives.')
param location string

@description('Put on every resource.')
param tags object

@description('Whether the vault is reached by its private endpoint alone.')
param isPrivate bool

@description('One secret for each person; who may read them is told by roles.')
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
