@description('The beginning of the names of the rules and the action group.')
param name string

@description('Their region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the Application Insights component whose log the rules read.')
param insightsId string

@description('Resource id of the workspace that has the audit log of the vault.')
param workspaceId string

@description('Object id of the app\'s identity, the only one that is expected to read secrets.')
param principalId string

@description('Resource id of an action group to notify, if any.')
param actionGroupId string?

@description('E-mail addresses to notify; they get an action group of their own.')
param emails string[]

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
    name: 'own-mistake'
    title: 'Users wait on a mistake of our own'
    description: 'A setting, a role, a network rule, the vault or storage keeps users from being served. GET /api/health names it, and the command that mends it.'
    query: loadTextContent('queries/own-mistake.kql')
    severity: 1
    windowSize: 'PT6H'
  }
  {
    name: 'credentials-refused'
    title: 'Many credentials are refused'
    description: 'The passwords of many users were refused, or got no verdict: a policy or a rotation may have bypassed the vault, or the token service fails.'
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

@description('The alert on the audit log of the vault, which is in the workspace.')
var vaultAlert = {
  name: 'vault-read'
  title: 'Another identity read secrets'
  description: 'An identity other than the app\'s read secrets of the vault. The vault\'s log names it and its address.'
  query: replace(loadTextContent('queries/vault-read.kql'), 'APP_PRINCIPAL_ID', principalId)
  severity: 2
  windowSize: 'PT15M'
}

@description('Tells people by e-mail.')
resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: '${name}-people'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'simring'
    emailReceivers: [
      for (email, index) in emails: {
        name: 'person-${index + 1}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

var actionGroupIds = concat(actionGroupId == null ? [] : [actionGroupId!], empty(emails) ? [] : [people.id])

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in concat(alerts, [vaultAlert]): {
    name: '${name}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      description: alert.description
      enabled: true
      severity: alert.severity
      scopes: [alert.name == vaultAlert.name ? workspaceId : insightsId]
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
        actionGroups: actionGroupIds
      }
    }
  }
]
