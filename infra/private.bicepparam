using 'main.bicep'

var corporate = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/corporate/providers'

param name = 'simring-hq'
param sipDomains = ['contoso.com', 'fabrikam.com']

param ucwa = {
  discoveryUrl: 'https://lyncdiscoverinternal.contoso.local/'
  trustedHosts: ['contoso.local']
  concurrency: 8
}

param privateNetwork = true
// The app has its own address in the network, too. Its DNS zone is created, and linked to both networks.
param appPrivateEndpoint = true
param network = {
  appSubnetId: '${corporate}/Microsoft.Network/virtualNetworks/applications/subnets/functions'
  endpointsSubnetId: '${corporate}/Microsoft.Network/virtualNetworks/corporate/subnets/private-endpoints'
  dnsZones: {
    vault: '${corporate}/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net'
    blob: '${corporate}/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net'
    queue: '${corporate}/Microsoft.Network/privateDnsZones/privatelink.queue.core.windows.net'
    table: '${corporate}/Microsoft.Network/privateDnsZones/privatelink.table.core.windows.net'
  }
}

param hrGroupId = '00000000-0000-0000-0000-000000000001'
param alertActionGroupId = '${corporate}/Microsoft.Insights/actionGroups/telephony-on-call'
