@description('Name of the component; the workspace is named after it.')
param name string

@description('Where it lives.')
param location string

@description('Put on every resource.')
param tags object

@description('How many days logs are kept.')
@minValue(90)
@maxValue(730)
param retentionDays int

@description('Who is told when an alert fires; nobody where it is left out.')
param actionGroupId string?

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: '${name}-logs'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    features: {
      disableLocalAuth: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspace.id
  }
}

@description('Each asks whether its query finds rows; what is a row is told in the query itself.')
var alerts = [
  {
    name: 'message-poisoned'
    title: 'A message was set aside'
    description: 'There are messages in simring-bulk-poison: look at them, mend them, send them again.'
    query: loadTextContent('queries/message-poisoned.kql')
    severity: 1
    windowSize: 'PT15M'
  }
  {
    name: 'pool-down'
    title: 'A pool stays down'
    description: 'Attempts fail at a host, and it serves nobody: its people wait in the queue.'
    query: loadTextContent('queries/pool-down.kql')
    severity: 1
    windowSize: 'PT6H'
  }
  {
    name: 'credentials-refused'
    title: 'Credentials are refused in number'
    description: 'UCWA refused the passwords of many people: a policy or a rotation may have gone by the vault.'
    query: loadTextContent('queries/credentials-refused.kql')
    severity: 2
    windowSize: 'PT1H'
  }
  {
    name: 'queue-old'
    title: 'The oldest message is old'
    description: 'The same message stays at the head of simring-bulk: is the app running, and are its settings right?'
    query: loadTextContent('queries/queue-old.kql')
    severity: 2
    windowSize: 'PT30M'
  }
  {
    name: 'watch-silent'
    title: 'The watch of the queue is silent'
    description: 'For half an hour nobody told how old the oldest message is: the app does not run, or cannot read its queues.'
    query: loadTextContent('queries/watch-silent.kql')
    severity: 1
    windowSize: 'PT30M'
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      description: alert.description
      enabled: true
      severity: alert.severity
      scopes: [insights.id]
      evaluationFrequency: 'PT5M'
      windowSize: alert.windowSize
      autoMitigate: true
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: actionGroupId == null ? [] : [actionGroupId!]
      }
    }
  }
]

output connectionString string = insights.properties.ConnectionString
