@description('Its region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Name of the endpoint.')
param name string

@description('Resource id of the vault, the storage account or the app.')
param targetId string

@description('Service of the target: vault, blob, queue, table or sites, which is the app.')
@allowed(['vault', 'blob', 'queue', 'table', 'sites'])
param service string

@description('Resource id of its subnet.')
param subnetId string

@description('Resource ids of the networks in which the name resolves: that of the endpoint, and that of the app if it is another.')
param networkIds string[]

@description('Name of the private DNS zone that holds the name.')
param zoneName string

@description('Resource id of that zone if it exists and is linked; created if left out.')
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

  resource links 'virtualNetworkLinks' = [
    for (_, index) in networkIds: if (zoneId == null) {
      // The first link has had this name since 0.1.
      name: index == 0 ? 'app' : 'app-${index + 1}'
      location: 'global'
      tags: tags
      properties: {
        registrationEnabled: false
        resolutionPolicy: 'NxDomainRedirect'
        virtualNetwork: {
          id: networkIds[index]
        }
      }
    }
  ]
}
