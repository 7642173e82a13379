@description('A range of addresses that may call the app and reach vault and storage.')
@export()
@sealed()
type addressRange = {
  @description('A name for the range, such as that of an office.')
  @minLength(1)
  @maxLength(32)
  name: string

  @description('An address range in CIDR form, such as 203.0.113.0/24.')
  @minLength(9)
  @maxLength(43)
  range: string
}

@description('Subnets of an existing network; both must be in the region of the app.')
@export()
@sealed()
type existingNetwork = {
  @description('Resource id of a subnet for the app alone, delegated to Microsoft.App/environments, better /26 than /27, without an underscore in its name.')
  appSubnetId: string

  @description('Resource id of the subnet for private endpoints; used if privateNetwork or appPrivateEndpoint is true.')
  endpointsSubnetId: string

  @description('Private DNS zones that the network is linked to already, as Azure links no second zone of the same name. Created if left out.')
  dnsZones: privateDnsZones?
}

@description('Resource ids of the services\' private DNS zones.')
@export()
@sealed()
type privateDnsZones = {
  @description('Zone privatelink.vaultcore.azure.net.')
  vault: string

  @description('Zone privatelink.blob.core.windows.net.')
  blob: string

  @description('Zone privatelink.queue.core.windows.net.')
  queue: string

  @description('Zone privatelink.table.core.windows.net.')
  table: string

  @description('Zone privatelink.azurewebsites.net; only for appPrivateEndpoint.')
  sites: string?
}

@description('Instances for HTTP.')
@export()
@sealed()
type instanceSettings = {
  @description('Instances that are always ready for HTTP; each is paid for while it idles. None by default.')
  @minValue(0)
  @maxValue(1000)
  alwaysReady: int?

  @description('Requests that one instance takes at once before Azure adds another; chosen by Azure, after the memory, by default.')
  @minValue(1)
  @maxValue(1000)
  concurrency: int?
}

@description('How the pools are discovered, trusted and called.')
@export()
@sealed()
type ucwaSettings = {
  @description('URL where discovery starts; by default lyncdiscoverinternal, then lyncdiscover of the SIP domain.')
  discoveryUrl: string?

  @description('Hosts, with their subdomains, that requests may go to; by default the SIP domains.')
  @minLength(1)
  trustedHosts: string[]?

  @description('Certificates of the organisation\'s own CA, as PEM text.')
  caCertificates: string?

  @description('Limit of one request to UCWA, in milliseconds.')
  @minValue(100)
  @maxValue(120000)
  requestTimeoutMs: int?

  @description('Limit of one attempt for a user, in milliseconds.')
  @minValue(1000)
  @maxValue(300000)
  attemptLimitMs: int?

  @description('Users in progress at once on one instance.')
  @minValue(1)
  @maxValue(256)
  concurrency: int?
}

@description('Time limits of callers and batches, and how long results are kept.')
@export()
@sealed()
type workSettings = {
  @description('How long a PUT or DELETE is tried before it continues in the queue, in milliseconds.')
  @minValue(100)
  @maxValue(200000)
  httpBudgetMs: int?

  @description('How long a message runs before the rest continues in a new one, in milliseconds.')
  @minValue(1000)
  @maxValue(540000)
  bulkSliceMs: int?

  @description('Tries at UCWA for one entry.')
  @minValue(1)
  @maxValue(100)
  bulkMaxAttempts: int?

  @description('How long an entry is deferred, counted from requestedAt, in hours.')
  @minValue(1)
  @maxValue(168)
  bulkGiveUpHours: int?

  @description('Days that results are kept.')
  @minValue(1)
  @maxValue(3650)
  resultRetentionDays: int?
}

@description('The Entra tenant whose tokens identify callers, and the registration of this API in it.')
@export()
@sealed()
type entraCallers = {
  @description('Id of the tenant.')
  @minLength(36)
  @maxLength(36)
  tenantId: string

  @description('Application (client) id of the registration.')
  @minLength(36)
  @maxLength(36)
  clientId: string

  @description('The aud of tokens; by default the client id, as in tokens of version 2.0.')
  audience: string?

  @description('Where the tenant issues tokens; by default that of the public cloud.')
  authority: string?

  @description('The claim with a person\'s SIP address; without it nobody acts for themselves.')
  sipClaim: string?
}

@description('Which targets may ring.')
@export()
@sealed()
type targetSettings = {
  @description('Country of numbers without a country code, in two letters.')
  @minLength(2)
  @maxLength(2)
  defaultCountry: string?

  @description('Countries that may be called, in two letters each; by default all.')
  @minLength(1)
  countries: string[]?

  @description('Domains of contacts that may be called, or * alone for any; by default the SIP domains.')
  @minLength(1)
  sipDomains: string[]?

  @description('Which numbers may be called: valid ones by default, or also possible ones, whose ranges are newer than what the app knows.')
  numbers: ('valid' | 'possible')?
}
