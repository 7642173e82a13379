@description('The beginning of the workbook\'s title; its own name is made from it.')
param name string

@description('Its region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Name of the Application Insights component whose log it shows.')
param insightsName string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

@description('The tiles, in the order of the page.')
var tiles = [
  {
    name: 'outcomes'
    title: 'Users per hour by outcome'
    query: loadTextContent('queries/workbook/outcomes.kql')
    visualization: 'barchart'
  }
  {
    name: 'failures'
    title: 'Failures by code and host'
    query: loadTextContent('queries/workbook/failures.kql')
    visualization: 'table'
  }
  {
    name: 'recovery'
    title: 'Steps of recovery per hour'
    query: loadTextContent('queries/workbook/recovery.kql')
    visualization: 'barchart'
  }
  {
    name: 'waiting'
    title: 'Messages that wait'
    query: loadTextContent('queries/workbook/waiting.kql')
    visualization: 'timechart'
  }
  {
    name: 'deferred'
    title: 'Users deferred per hour, by code'
    query: loadTextContent('queries/workbook/deferred.kql')
    visualization: 'barchart'
  }
  {
    name: 'duration'
    title: 'Seconds of an attempt: median and 95th percentile'
    query: loadTextContent('queries/workbook/duration.kql')
    visualization: 'timechart'
  }
]

var timeRange = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    parameters: [
      {
        id: guid(name, 'range')
        version: 'KqlParameterItem/1.0'
        name: 'range'
        label: 'Time range'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [
            { durationMs: 3600000 }
            { durationMs: 14400000 }
            { durationMs: 86400000 }
            { durationMs: 604800000 }
            { durationMs: 2592000000 }
          ]
          allowCustom: true
        }
      }
    ]
    style: 'pills'
    queryType: 0
    resourceType: 'microsoft.insights/components'
  }
}

var queries = [
  for tile in tiles: {
    type: 3
    name: tile.name
    content: {
      version: 'KqlItem/1.0'
      title: tile.title
      query: tile.query
      size: 0
      queryType: 0
      resourceType: 'microsoft.insights/components'
      timeContextFromParameter: 'range'
      visualization: tile.visualization
    }
  }
]

@description('Shows the work: outcomes, failures, recovery, what waits, and how long attempts take.')
resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, name, 'work')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: '${name}: simultaneous ring'
    sourceId: insights.id
    version: '1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], queries)
      fallbackResourceIds: [insights.id]
    })
  }
}

output id string = workbook.id
