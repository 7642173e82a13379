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
param allowedAddresses = [
  {
    name: 'headquarters'
    range: '203.0.113.0/24'
  }
]

param logRetentionDays = 90
param tags = {
  service: 'simultaneous-ring'
}
