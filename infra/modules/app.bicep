import { addressRange, instanceSettings } from '../types.bicep'

@description('Name of the function app.')
@minLength(2)
@maxLength(60)
param name string

@description('Its region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the identity that it runs as.')
param identityId string

@description('Resource id of the subnet from which it reaches the pools, the vault and storage.')
param subnetId string

@description('Version of Node.js.')
@allowed(['24', '22'])
param nodeVersion string

@description('Memory of one instance, in megabytes.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Most instances of one kind (queue, HTTP).')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

@description('Instances that are always ready for HTTP, and how many requests one of them takes at once.')
param http instanceSettings

@description('True to spread instances over the zones of the region.')
param zoneRedundant bool

@description('True to replace instances one batch after the other, false to restart them all.')
param rollingUpdates bool

@description('Whether the app can be called at its public address.')
@allowed(['Enabled', 'Disabled'])
param publicNetworkAccess string

@description('URL of the container that packages are deployed to.')
param deploymentsUri string

@description('Addresses that may call it; all if none is given.')
param allowedAddresses addressRange[]

@description('Application settings.')
param settings { *: string }

var alwaysReadyInstances = http.?alwaysReady ?? 0
var alwaysReady = alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: '${name}-plan'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: publicNetworkAccess
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentsUri
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady
        ...(http.?concurrency == null
          ? {}
          : { triggers: { http: { perInstanceConcurrency: http.?concurrency } } })
      }
      // The types do not have it.
      #disable-next-line BCP037
      siteUpdateStrategy: {
        type: rollingUpdates ? 'RollingUpdate' : 'Recreate'
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ipSecurityRestrictions: [
        for (range, index) in allowedAddresses: {
          name: range.name
          ipAddress: range.range
          action: 'Allow'
          priority: 100 + index
        }
      ]
      ipSecurityRestrictionsDefaultAction: empty(allowedAddresses) ? 'Allow' : 'Deny'
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: settings
  }

  @description('No publishing with a password: neither by FTP …')
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  @description('… nor by the deployment site.')
  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

output id string = app.id
output name string = app.name
output hostName string = app.properties.defaultHostName
