using 'main.bicep'

// Every option on: a private app in a network of its own, in the zones of the region.

param name = 'simring-all'
param sipDomains = ['contoso.com', 'fabrikam.com']

param ucwa = {
  discoveryUrl: 'https://lyncdiscoverinternal.contoso.local/'
  trustedHosts: ['contoso.com', 'fabrikam.com', 'contoso.local']
  requestTimeoutMs: 15000
  attemptLimitMs: 120000
  concurrency: 8
}

param work = {
  httpBudgetMs: 30000
  bulkSliceMs: 300000
  bulkMaxAttempts: 8
  bulkGiveUpHours: 48
  resultRetentionDays: 90
}

param targets = {
  defaultCountry: 'US'
  countries: ['US', 'CA', 'GB']
  sipDomains: ['*']
  numbers: 'possible'
}

param storageSku = 'Standard_GZRS'
param instanceMemoryMB = 4096
param maximumInstanceCount = 100
param http = {
  alwaysReady: 2
  concurrency: 32
}
param zoneRedundant = true
param rollingUpdates = true

param privateNetwork = true
param appPrivateEndpoint = true
param networkAddressPrefix = '10.91.0.0/24'
param dnsServers = ['10.1.0.4', '10.1.0.5']

param hrGroupId = '00000000-0000-0000-0000-000000000001'
param alertEmails = ['telephony@contoso.com', 'on-call@contoso.com']
param locks = true
param logRetentionDays = 365
param tags = {
  service: 'simultaneous-ring'
}
