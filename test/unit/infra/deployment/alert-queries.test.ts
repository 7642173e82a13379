import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { alertQueries } from '../../../support/infra/alert-queries.ts';

/** The columns of `traces` in Application Insights that a query of ours may name. */
const traces =
  '(timestamp: datetime, message: string, severityLevel: int, itemType: string, customDimensions: dynamic, ' +
  'operation_Name: string, operation_Id: string, cloud_RoleName: string, cloud_RoleInstance: string, itemCount: int)';

/** What is used of the language service, which puts itself into the global scope. */
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
    '%s is what Kusto understands, over columns that there are',
    (_name, { text, readings }) => {
      expect(diagnose(text)).toEqual([]);
      expect(readings).not.toEqual([]);
    },
  );

  it.each([
    ['a column that is not there', 'traces | where messge == ""'],
    ['a table that is not there', 'tracez | take 1'],
    ['an operator that is none', 'traces | wher message == ""'],
  ])('would be told of %s', (_what, query) => {
    expect(diagnose(query)).not.toEqual([]);
  });
});
