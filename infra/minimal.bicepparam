using 'main.bicep'

param sipDomains = ['contoso.com']
