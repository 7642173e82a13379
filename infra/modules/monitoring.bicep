@description('Name of the component, and the beginning of the workspace\'s name.')
param name string

@description('Its region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Days that logs are kept.')
@minValue(90)
@maxValue(730)
param retentionDays int

@description('Resource id of the action group that alerts notify, if any.')
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

@description('An alert fires when its query returns rows; the comment in the query says what a row means.')
var alerts = [
  {
    name: 'message-poisoned'
    title: 'A message was set aside'
    description: 'There are messages in simring-bulk-poison: read them, correct them, send them again.'
    query: loadTextContent('queries/message-poisoned.kql')
    severity: 1
    windowSize: 'PT15M'
  }
  {
    name: 'pool-down'
    title: 'A pool stays down'
    description: 'Attempts fail at a host, and it serves nobody: its users wait in the queue.'
    query: loadTextContent('queries/pool-down.kql')
    severity: 1
    windowSize: 'PT6H'
  }
  {
    name: 'credentials-refused'
    title: 'Many credentials are refused'
    description: 'UCWA refused the passwords of many users: a policy or a rotation may have bypassed the vault.'
    query: loadTextContent('queries/credentials-refused.kql')
    severity: 2
    windowSize: 'PT1H'
  }
  {
    name: 'undo-failed'
    title: 'A setting did not end'
    description: 'An undo failed for good: a setting stands although it was to end. The log names the user and the batch.'
    query: loadTextContent('queries/undo-failed.kql')
    severity: 2
    windowSize: 'PT1H'
  }
  {
    name: 'queue-old'
    title: 'The oldest message is old'
    description: 'The same message stays at the head of simring-bulk: check that the app runs and that its settings are right.'
    query: loadTextContent('queries/queue-old.kql')
    severity: 2
    windowSize: 'PT30M'
  }
  {
    name: 'watch-silent'
    title: 'The watch of the queue is silent'
    description: 'No queue-watch event for half an hour: the app does not run, or cannot read its queues.'
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
