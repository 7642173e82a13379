targetScope = 'resourceGroup'

import {
  addressRange
  entraCallers
  existingNetwork
  instanceSettings
  targetSettings
  ucwaSettings
  workSettings
} from 'types.bicep'

metadata name = 'Simultaneous ring for Skype for Business Server'
metadata description = 'A Flex Consumption app with one identity, a vault, storage without shared keys, a network, alerts and a workbook.'

@description('The beginning of all resource names: lower-case letters, digits and inner hyphens, the first a letter.')
@minLength(3)
@maxLength(11)
param name string = 'simring'

@description('The region of all resources.')
param location string = resourceGroup().location

@description('Tags of every resource.')
param tags object = {}

@description('The users\' SIP domains; users of other domains are refused.')
@minLength(1)
param sipDomains string[]

@description('How the pools are discovered, trusted and called.')
param ucwa ucwaSettings = {}

@description('Time limits of callers and batches, and how long results are kept.')
param work workSettings = {}

@description('Which targets may ring.')
param targets targetSettings = {}

@description('The Entra tenant whose tokens identify callers; function keys if none is given.')
param callers entraCallers?

@description('Version of Node.js; 22 in regions that do not have 24 yet.')
param nodeVersion '24' | '22' = '24'

@description('Memory of one instance, in megabytes.')
param instanceMemoryMB 512 | 2048 | 4096 = 2048

@description('Most instances for the queue, and as many for HTTP. Times ucwa.concurrency (16), it is the most users that batches have in progress at once. Some regions want 40 or more.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances for HTTP: how many are always ready, and how many requests each takes at once.')
param http instanceSettings = {}

@description('True to spread instances over the zones of the region. Not every region has them.')
param zoneRedundant bool = false

@description('True to replace instances one batch after the other when code or settings change. Off for the step from 0.1.')
param rollingUpdates bool = false

@description('True to make vault and storage reachable by private endpoints only.')
param privateNetwork bool = false

@description('True to give the app a private endpoint.')
param appPrivateEndpoint bool = false

@description('Whether the app can be called, and packages deployed, at its public address; by default unless it has a private endpoint.')
param publicNetworkAccess 'Enabled' | 'Disabled' = appPrivateEndpoint ? 'Disabled' : 'Enabled'

@description('Address space of the new network, if none is given; /25 or larger.')
@minLength(9)
@maxLength(18)
param networkAddressPrefix string = '10.90.0.0/24'

@description('Redundancy of storage: across the zones of the region, in one place, or in a second region too.')
param storageSku 'Standard_ZRS' | 'Standard_LRS' | 'Standard_GZRS' = 'Standard_ZRS'

@description('DNS servers of the new network, which know the pools\' names; Azure\'s own if none is given.')
@maxLength(10)
param dnsServers string[] = []

@description('An existing network to use instead of a new one.')
param network existingNetwork?

@description('Addresses that may call the app (all if none is given) and, without privateNetwork, reach vault and storage (none but the app if none is given).')
@maxLength(400)
param allowedAddresses addressRange[] = []

@description('Object id of a group of HR systems that may send requests and take summaries.')
@minLength(36)
@maxLength(36)
param hrGroupId string?

@description('Resource id of the action group that alerts notify.')
param alertActionGroupId string?

@description('E-mail addresses that alerts notify.')
param alertEmails string[] = []

@description('True to lock vault and storage account, so that they cannot be deleted by mistake. Needs the right to write locks.')
param locks bool = false

@description('Days that logs are kept; Azure keeps those of apps for at least 90.')
@minValue(90)
@maxValue(730)
param logRetentionDays int = 90

var queueNames = [
  'simring-bulk'
  'simring-bulk-poison'
  'simring-results'
]
var tableNames = ['simringledger', 'simringusers']

var suffix = uniqueString(resourceGroup().id, name)
var appName = '${name}-${suffix}'
var identityName = '${appName}-identity'
var insightsName = '${appName}-insights'
var storageName = toLower('${replace(name, '-', '')}${suffix}')
var vaultName = '${take(replace(name, '-', ''), 10)}-${suffix}'

module identity 'modules/identity.bicep' = {
  params: {
    name: identityName
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    name: storageName
    location: location
    tags: tags
    sku: storageSku
    queueNames: queueNames
    tableNames: tableNames
    isPrivate: privateNetwork
    appSubnetId: appSubnetId
    allowedRanges: outsideRanges
    isLocked: locks
  }
}

module vault 'modules/vault.bicep' = {
  params: {
    name: vaultName
    location: location
    tags: tags
    isPrivate: privateNetwork
    appSubnetId: appSubnetId
    allowedRanges: outsideRanges
    workspaceId: monitoring.outputs.workspaceId
    isLocked: locks
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    name: insightsName
    location: location
    tags: tags
    retentionDays: logRetentionDays
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    name: insightsName
    location: location
    tags: tags
    insightsId: monitoring.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    // Part of a query's text: what-if shows that query as unknown.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
    actionGroupId: alertActionGroupId
    emails: alertEmails
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    name: appName
    location: location
    tags: tags
    insightsName: insightsName
  }
  dependsOn: [monitoring]
}

module ownNetwork 'modules/network.bicep' = if (network == null) {
  params: {
    name: '${appName}-network'
    location: location
    tags: tags
    addressPrefix: networkAddressPrefix
    dnsServers: dnsServers
    hasServiceEndpoints: !privateNetwork
  }
}

var appSubnetId = network.?appSubnetId ?? ownNetwork!.outputs.appSubnetId
var endpointsSubnetId = network.?endpointsSubnetId ?? ownNetwork!.outputs.endpointsSubnetId
var endpointsNetworkId = split(endpointsSubnetId, '/subnets/')[0]
var appNetworkId = split(appSubnetId, '/subnets/')[0]

@description('The networks that must know the names of private endpoints: an existing one of the app may be another than theirs.')
var namingNetworkIds = network == null
  ? [endpointsNetworkId]
  : toLower(appNetworkId) == toLower(endpointsNetworkId)
      ? [endpointsNetworkId]
      : [endpointsNetworkId, appNetworkId]

@description('Ranges as vault and storage take them: one or two addresses by themselves, without /32 and /31, and no IPv6.')
var outsideRanges = flatten(map(
  filter(allowedAddresses, address => !contains(address.range, ':')),
  address =>
    endsWith(address.range, '/31')
      ? [parseCidr(address.range).network, parseCidr(address.range).broadcast]
      : [replace(address.range, '/32', '')]
))

var storageSuffix = environment().suffixes.storage
var privateServices = [
  {
    name: 'vault'
    zone: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
  }
  { name: 'blob', zone: 'privatelink.blob.${storageSuffix}' }
  { name: 'queue', zone: 'privatelink.queue.${storageSuffix}' }
  { name: 'table', zone: 'privatelink.table.${storageSuffix}' }
]

module privateEndpoints 'modules/private-endpoint.bicep' = [
  for service in privateServices: if (privateNetwork) {
    params: {
      name: '${appName}-${service.name}'
      location: location
      tags: tags
      service: service.name
      targetId: service.name == 'vault' ? vault.outputs.id : storage.outputs.id
      subnetId: endpointsSubnetId
      networkIds: namingNetworkIds
      zoneName: service.zone
      zoneId: network.?dnsZones[?service.name]
    }
  }
]

module appEndpoint 'modules/private-endpoint.bicep' = if (appPrivateEndpoint) {
  params: {
    name: '${appName}-sites'
    location: location
    tags: tags
    service: 'sites'
    targetId: app.outputs.id
    subnetId: endpointsSubnetId
    networkIds: namingNetworkIds
    zoneName: 'privatelink.azurewebsites.${environment().name == 'AzureUSGovernment' ? 'us' : 'net'}'
    zoneId: network.?dnsZones.?sites
  }
}

module roles 'modules/roles.bicep' = {
  params: {
    // Not known before the identity exists: what-if cannot name the assignments and lists them as unknown.
    #disable-next-line what-if-short-circuiting
    principalId: identity.outputs.principalId
    hrGroupId: hrGroupId
    storageName: storageName
    vaultName: vaultName
    insightsName: insightsName
  }
  dependsOn: [storage, vault, monitoring]
}

@description('Settings of the app; an empty one counts as left out.')
var ownSettings = {
  SIP_DOMAINS: join(sipDomains, ',')
  KEY_VAULT_URL: vault.outputs.uri
  BulkStorage__queueServiceUri: storage.outputs.queueServiceUri
  BulkStorage__tableServiceUri: storage.outputs.tableServiceUri
  UCWA_DISCOVERY_URL: ucwa.?discoveryUrl ?? ''
  UCWA_TRUSTED_HOSTS: join(ucwa.?trustedHosts ?? [], ',')
  UCWA_CA_CERTIFICATES: ucwa.?caCertificates ?? ''
  UCWA_REQUEST_TIMEOUT_MS: string(ucwa.?requestTimeoutMs ?? '')
  UCWA_ATTEMPT_LIMIT_MS: string(ucwa.?attemptLimitMs ?? '')
  UCWA_CONCURRENCY: string(ucwa.?concurrency ?? '')
  HTTP_BUDGET_MS: string(work.?httpBudgetMs ?? '')
  BULK_SLICE_MS: string(work.?bulkSliceMs ?? '')
  BULK_MAX_ATTEMPTS: string(work.?bulkMaxAttempts ?? '')
  BULK_GIVE_UP_HOURS: string(work.?bulkGiveUpHours ?? '')
  RESULT_RETENTION_DAYS: string(work.?resultRetentionDays ?? '')
  TARGET_DEFAULT_COUNTRY: targets.?defaultCountry ?? ''
  TARGET_COUNTRIES: join(targets.?countries ?? [], ',')
  TARGET_SIP_DOMAINS: join(targets.?sipDomains ?? [], ',')
  TARGET_NUMBERS: targets.?numbers ?? ''
  CALLERS: callers == null ? '' : 'entra'
  ENTRA_TENANT_ID: callers.?tenantId ?? ''
  ENTRA_CLIENT_ID: callers.?clientId ?? ''
  ENTRA_AUDIENCE: callers.?audience ?? callers.?clientId ?? ''
  ENTRA_AUTHORITY: callers.?authority ?? ''
  ENTRA_SIP_CLAIM: callers.?sipClaim ?? ''
}

@description('Settings of the Functions host and the Azure libraries: where storage and monitoring are, and which identity to use.')
var hostSettings = {
  AZURE_CLIENT_ID: identity.outputs.clientId
  AzureWebJobsStorage__blobServiceUri: storage.outputs.blobServiceUri
  AzureWebJobsStorage__queueServiceUri: storage.outputs.queueServiceUri
  AzureWebJobsStorage__tableServiceUri: storage.outputs.tableServiceUri
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.outputs.clientId
  BulkStorage__credential: 'managedidentity'
  BulkStorage__clientId: identity.outputs.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.clientId};Authorization=AAD'
}

module app 'modules/app.bicep' = {
  params: {
    name: appName
    location: location
    tags: tags
    identityId: identity.outputs.id
    subnetId: appSubnetId
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    http: http
    zoneRedundant: zoneRedundant
    rollingUpdates: rollingUpdates
    publicNetworkAccess: publicNetworkAccess
    deploymentsUri: storage.outputs.deploymentsUri
    allowedAddresses: allowedAddresses
    settings: union(ownSettings, hostSettings, loadJsonContent('runtime-environment.json'))
  }
  dependsOn: [roles, privateEndpoints]
}

var alertReceiverNames = concat(alertActionGroupId == null ? [] : [alertActionGroupId!], alertEmails)

@description('Who is told of alerts.')
var alertReceivers = empty(alertReceiverNames)
  ? 'NOBODY IS TOLD of alerts: set alertEmails or alertActionGroupId.'
  : join(alertReceiverNames, ', ')

output appName string = app.outputs.name
output appId string = app.outputs.id
output url string = 'https://${app.outputs.hostName}'
output consoleUrl string = 'https://${app.outputs.hostName}/api/console'
output vaultName string = vaultName
output vaultId string = vault.outputs.id
output storageName string = storageName
output storageId string = storage.outputs.id
output identityName string = identityName
output identityClientId string = identity.outputs.clientId
output identityPrincipalId string = identity.outputs.principalId
output insightsName string = insightsName
output insightsId string = monitoring.outputs.id
output workbookId string = workbook.outputs.id
output workspaceId string = monitoring.outputs.workspaceId
output alertReceivers string = alertReceivers
