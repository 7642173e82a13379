using 'main.bicep'

param sipDomains = ['contoso.com']

param ucwa = {
  // The pools lie in the AD domain.
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
// Where somebody is named here, all others get a bare 403. Name the address that you deploy from too: an older Azure CLI
// asks for ever whether the app is well, once the zip is up (Ctrl-C does no harm then).
// param allowedAddresses = [{ name: 'headquarters', range: '203.0.113.0/24' }]
param allowedAddresses = []

// The servers that know the pools' names, once the network is peered with theirs:
// param dnsServers = ['10.1.0.4', '10.1.0.5']
param dnsServers = []

param logRetentionDays = 90
param tags = {
  service: 'simultaneous-ring'
}
