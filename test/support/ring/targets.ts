import { type DialRules, parseTarget } from '../../../shared/ring/model/dial-rules.ts';
import { sip } from './addresses.ts';

/** The user for whom {@link parse} reads targets. */
export const alice = sip('alice@contoso.com');

/** Dial rules without a default country, for every country and for contacts of two domains. */
export const dialRules: DialRules = {
  defaultCountry: undefined,
  countries: undefined,
  sipDomains: ['contoso.com', 'fabrikam.com'],
};

/** Reads a target of alice's; `changed` overrides the dial rules. */
export function parse(text: string, changed: Partial<DialRules> = {}) {
  return parseTarget(text, alice, { ...dialRules, ...changed });
}

/** Returns why a target of alice's is refused; undefined where it is not. */
export function refusalOf(text: string, changed: Partial<DialRules> = {}) {
  const parsed = parse(text, changed);
  return parsed.ok ? undefined : parsed.error;
}
