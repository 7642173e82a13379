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
// Who reaches vault and storage besides the app, and the only ones that may call it: HR systems, and the computer that
// deploys and sets secrets. Without any, everyone may call the app, and nobody else reaches vault and storage.
// param allowedAddresses = [{ name: 'headquarters', range: '203.0.113.0/24' }]
param allowedAddresses = []

// Servers that know the pools' names, once the network is peered with theirs:
// param dnsServers = ['10.1.0.4', '10.1.0.5']
param dnsServers = []

// Without a receiver, alerts fire and nobody is told:
// param alertEmails = ['telephony@contoso.com']
param alertEmails = []

param logRetentionDays = 90
param tags = {
  service: 'simultaneous-ring'
}
