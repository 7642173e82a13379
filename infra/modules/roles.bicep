@description('Object id of the app\'s identity. It is part of the assignments\' names, as a new identity cannot take over those of an old one.')
param principalId string

@description('Object id of a group whose members may send to the bulk queue and take summaries from the results queue.')
param hrGroupId string?

@description('Name of the storage account of package, queues and tables.')
param storageName string

@description('Name of the vault of the credentials.')
param vaultName string

@description('Name of the Application Insights component.')
param insightsName string

@description('The ids of the roles that are assigned here.')
var roles = {
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  storageQueueDataMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  storageQueueDataMessageProcessor: '8a0f0c08-91a1-4084-bc3d-661d67233fed'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}

var appStorageRoles = [
  roles.storageBlobDataOwner
  roles.storageQueueDataContributor
  roles.storageTableDataContributor
]

resource storage 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: storageName

  resource queues 'queueServices' existing = {
    name: 'default'

    resource bulk 'queues' existing = {
      name: 'simring-bulk'
    }

    resource results 'queues' existing = {
      name: 'simring-results'
    }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' existing = {
  name: vaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

@description('For the package, the host\'s own locks, the queues and the tables.')
resource appOnStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appStorageRoles: {
    name: guid(storage.id, principalId, role)
    scope: storage
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

@description('May read secrets, nothing else.')
resource appOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, roles.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.keyVaultSecretsUser
    )
  }
}

resource appOnInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, roles.monitoringMetricsPublisher)
  scope: insights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
  }
}

@description('May send requests, but not read those of others.')
resource hrOnBulk 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hrGroupId != null) {
  name: guid(storage::queues::bulk.id, hrGroupId ?? '', roles.storageQueueDataMessageSender)
  scope: storage::queues::bulk
  properties: {
    principalId: hrGroupId ?? ''
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageSender
    )
  }
}

@description('May take summaries, but not write any.')
resource hrOnResults 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hrGroupId != null) {
  name: guid(storage::queues::results.id, hrGroupId ?? '', roles.storageQueueDataMessageProcessor)
  scope: storage::queues::results
  properties: {
    principalId: hrGroupId ?? ''
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageProcessor
    )
  }
}
