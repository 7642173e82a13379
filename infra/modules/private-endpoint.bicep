@description('Where it lives.')
param location string

@description('Put on every resource.')
param tags object

@description('Name of the endpoint.')
param name string

@description('What is reached through it.')
param targetId string

@description('Which service of the target: vault, blob, queue or table.')
@allowed(['vault', 'blob', 'queue', 'table'])
param service string

@description('The subnet that it is put into.')
param subnetId string

@description('The network that the name is to be known in.')
param networkId string

@description('The private DNS zone that knows it.')
param zoneName string

@description('Resource id of that zone where it is there already and linked; it is made where this is left out.')
param zoneId string?

resource endpoint 'Microsoft.Network/privateEndpoints@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: service
        properties: {
          privateLinkServiceId: targetId
          groupIds: [service]
        }
      }
    ]
  }

  resource zoneGroup 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service
          properties: {
            privateDnsZoneId: zoneId ?? zone.id
          }
        }
      ]
    }
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (zoneId == null) {
  name: zoneName
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = if (zoneId == null) {
    name: 'app'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      resolutionPolicy: 'NxDomainRedirect'
      virtualNetwork: {
        id: networkId
      }
    }
  }
}
