@description('Addresses that may call the app.')
@export()
@sealed()
type addressRange = {
  @description('What stands there, such as the name of an office.')
  @minLength(1)
  @maxLength(32)
  name: string

  @description('An address range in CIDR form, such as 203.0.113.0/24.')
  @minLength(9)
  @maxLength(43)
  range: string
}

@description('Subnets of a network that is there already; both must be in the region of the app.')
@export()
@sealed()
type existingNetwork = {
  @description('Resource id of a subnet of the app alone, delegated to Microsoft.App/environments, better /26 than /27, without an underscore in its name.')
  appSubnetId: string

  @description('Resource id of the subnet for private endpoints; of use where privateNetwork is true.')
  endpointsSubnetId: string

  @description('Private DNS zones that the network is linked to already: Azure links none of the same name a second time. They are made where this is left out.')
  dnsZones: privateDnsZones?
}

@description('Resource ids of the private DNS zones of the services.')
@export()
@sealed()
type privateDnsZones = {
  @description('Of privatelink.vaultcore.azure.net.')
  vault: string

  @description('Of privatelink.blob.core.windows.net.')
  blob: string

  @description('Of privatelink.queue.core.windows.net.')
  queue: string

  @description('Of privatelink.table.core.windows.net.')
  table: string
}

@description('How the pools are found, reached and spared.')
@export()
@sealed()
type ucwaSettings = {
  @description('Where discovery starts; lyncdiscoverinternal and lyncdiscover of the SIP domain where it is left out.')
  discoveryUrl: string?

  @description('Hosts, with their subdomains, that requests may go to; the SIP domains where it is left out.')
  @minLength(1)
  trustedHosts: string[]?

  @description('PEM text of the organisation\'s own CA.')
  caCertificates: string?

  @description('How long one request may take, in milliseconds.')
  @minValue(100)
  @maxValue(120000)
  requestTimeoutMs: int?

  @description('How long one attempt at a person may take, in milliseconds.')
  @minValue(1000)
  @maxValue(300000)
  attemptLimitMs: int?

  @description('People at work at once on one instance.')
  @minValue(1)
  @maxValue(256)
  concurrency: int?
}

@description('How long callers and batches wait.')
@export()
@sealed()
type workSettings = {
  @description('How long a PUT or DELETE tries before it goes to the queue, in milliseconds.')
  @minValue(100)
  @maxValue(200000)
  httpBudgetMs: int?

  @description('How long one message may run before it goes on in another, in milliseconds.')
  @minValue(1000)
  @maxValue(540000)
  bulkSliceMs: int?

  @description('Attempts at UCWA for one entry.')
  @minValue(1)
  @maxValue(100)
  bulkMaxAttempts: int?

  @description('How long an entry is deferred for what is nobody\'s fault, in hours.')
  @minValue(1)
  @maxValue(168)
  bulkGiveUpHours: int?

  @description('How long results are kept, in days.')
  @minValue(1)
  @maxValue(3650)
  resultRetentionDays: int?
}

@description('Whom people may be rung at.')
@export()
@sealed()
type targetSettings = {
  @description('Country of numbers without one, in two letters.')
  @minLength(2)
  @maxLength(2)
  defaultCountry: string?

  @description('Countries that may be rung, in two letters each; all where it is left out.')
  @minLength(1)
  countries: string[]?

  @description('Domains of contacts that may be rung, or * alone for any; the SIP domains where it is left out.')
  @minLength(1)
  sipDomains: string[]?
}
