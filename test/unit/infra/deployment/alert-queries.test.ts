import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { alertQueries, bookQueries, logQueries, tileQueries } from '../../../support/infra/alert-queries.ts';

/**
 * The columns that the queries may use, by table: `traces` of Application Insights, and the two tables that may have the
 * audit log of a vault. Columns that may be missing are read by `column_ifexists`.
 */
const tables = {
  traces:
    '(timestamp: datetime, message: string, severityLevel: int, itemType: string, customDimensions: dynamic, ' +
    'operation_Name: string, operation_Id: string, cloud_RoleName: string, cloud_RoleInstance: string, itemCount: int)',
  AZKVAuditLogs:
    '(TimeGenerated: datetime, OperationName: string, ResultType: string, ResultSignature: string, ' +
    'HttpStatusCode: int, CallerIpAddress: string, Identity: dynamic, RequestUri: string, _ResourceId: string)',
  AzureDiagnostics:
    '(TimeGenerated: datetime, ResourceProvider: string, Category: string, OperationName: string, ResultType: string)',
} as const;

/** The part of the language service that is used here. It defines globals. */
declare const Kusto: {
  readonly Language: {
    readonly KustoCode: { ParseAndAnalyze(query: string, globals: object): Code };
    readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
    readonly Symbols: {
      readonly Symbol: object;
      readonly TableSymbol: { From(columns: string): { WithName(name: string): object } };
      readonly DatabaseSymbol: { $ctor1: new (name: string, members: object, isOpen: boolean) => object };
    };
  };
};
declare const System: { readonly Array: { init(items: readonly object[], type: object): object } };

interface Code {
  GetDiagnostics(): { readonly Count: number; getItem(index: number): { readonly Message: string } };
}

type Diagnose = (query: string) => readonly string[];
let diagnose: Diagnose;

function loadKusto(): Diagnose {
  const load = createRequire(import.meta.url);
  load('@kusto/language-service-next/bridge.min.js');
  load('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const { KustoCode, GlobalState, Symbols } = Kusto.Language;
  const symbols = Object.entries(tables).map(([name, columns]) =>
    Symbols.TableSymbol.From(columns).WithName(name),
  );
  const members = System.Array.init(symbols, Symbols.Symbol);
  const database = new Symbols.DatabaseSymbol.$ctor1('insights', members, false);
  const globals = GlobalState.Default.WithDatabase(database);
  return (query) => {
    const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    return Array.from({ length: found.Count }, (_, index) => found.getItem(index).Message);
  };
}

beforeAll(() => {
  diagnose = loadKusto();
});

describe('the query of an alert or a tile', () => {
  it.each([...alertQueries, ...tileQueries, ...bookQueries].map((query) => [query.name, query] as const))(
    '%s is valid Kusto over columns that exist',
    (_name, { text }) => {
      expect(diagnose(text)).toEqual([]);
    },
  );

  it.each(logQueries.map((query) => [query.name, query] as const))(
    '%s reads an event of the log',
    (_name, { readings }) => {
      expect(readings).not.toEqual([]);
    },
  );

  it.each([
    ['an unknown column', 'traces | where messge == ""'],
    ['an unknown table', 'tracez | take 1'],
    ['an unknown operator', 'traces | wher message == ""'],
  ])('is not valid with %s', (_what, query) => {
    expect(diagnose(query)).not.toEqual([]);
  });
});
