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

@description('Resource id of the subnet that may reach the vault, if it is not private.')
param appSubnetId string

@description('Address ranges that may reach the vault too, if it is not private.')
param allowedRanges string[]

@description('Resource id of the workspace that gets the audit log.')
param workspaceId string

@description('True to lock the vault, so that it cannot be deleted.')
param isLocked bool

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
      defaultAction: 'Deny'
      ipRules: [for range in isPrivate ? [] : allowedRanges: { value: range }]
      virtualNetworkRules: isPrivate ? [] : [{ id: appSubnetId }]
    }
  }
}

@description('Who read which secret, and from where.')
// Azure has no newer version, and none that is not a preview.
#disable-next-line use-recent-api-versions
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        category: 'AuditEvent'
        enabled: true
      }
    ]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (isLocked) {
  name: 'keep'
  scope: vault
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds the credentials of all users. Remove this lock before you delete the vault.'
  }
}

output id string = vault.id
output uri string = vault.properties.vaultUri
