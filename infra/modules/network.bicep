@description('Name of the virtual network.')
param name string

@description('Where it lives.')
param location string

@description('Put on every resource.')
param tags object

@description('Its address space, from which the subnets are cut; it must not overlap with the networks of the pools.')
param addressPrefix string

@description('DNS servers that know the names of the pools; Azure\'s own where none is named.')
param dnsServers string[]

resource network 'Microsoft.Network/virtualNetworks@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressPrefix]
    }
    dhcpOptions: {
      dnsServers: dnsServers
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [
            {
              name: 'functions'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource app 'subnets' existing = {
    name: 'app'
  }

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

output appSubnetId string = network::app.id
output endpointsSubnetId string = network::endpoints.id
