using 'main.bicep'

param sipDomains = ['contoso.com']

// Only these addresses reach the app, the vault and storage: HR systems, and the computer that deploys and sets secrets.
param allowedAddresses = [
  { name: 'headquarters', range: '203.0.113.0/24' }
  { name: 'deployments', range: '198.51.100.7/32' }
  { name: 'hr-system', range: '198.51.100.16/31' }
  { name: 'headquarters-ipv6', range: '2001:db8:1234::/48' }
]

param alertEmails = ['telephony@contoso.com']
