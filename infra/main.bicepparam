using 'main.bicep'

param sipDomains = ['contoso.com']

param ucwa = {
  // The pools are in the AD domain.
  trustedHosts: ['contoso.com', 'contoso.local']
  concurrency: 16
}

param targets = {
  defaultCountry: 'US'
  countries: ['US', 'CA', 'GB']
}

param nodeVersion = '24'
param maximumInstanceCount = 40

param privateNetwork = false
param networkAddressPrefix = '10.90.0.0/24'
// With an address here, all others get 403. Add the one that you deploy from: an older Azure CLI otherwise never stops
// asking whether the app is well after the zip is uploaded (Ctrl-C does no harm then).
// param allowedAddresses = [{ name: 'headquarters', range: '203.0.113.0/24' }]
param allowedAddresses = []

// Servers that know the pools' names, once the network is peered with theirs:
// param dnsServers = ['10.1.0.4', '10.1.0.5']
param dnsServers = []

param logRetentionDays = 90
param tags = {
  service: 'simultaneous-ring'
}
