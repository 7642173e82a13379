import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { alertQueries } from '../../../support/infra/alert-queries.ts';

/** The columns of `traces` in Application Insights that the queries may use. */
const traces =
  '(timestamp: datetime, message: string, severityLevel: int, itemType: string, customDimensions: dynamic, ' +
  'operation_Name: string, operation_Id: string, cloud_RoleName: string, cloud_RoleInstance: string, itemCount: int)';

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
  const members = System.Array.init([Symbols.TableSymbol.From(traces).WithName('traces')], Symbols.Symbol);
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

describe('the query of an alert', () => {
  it.each(alertQueries.map((query) => [query.name, query] as const))(
    '%s is valid Kusto over columns that exist',
    (_name, { text, readings }) => {
      expect(diagnose(text)).toEqual([]);
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
