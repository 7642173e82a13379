/** The fictitious tenant of local tokens and challenges. */
export const tenantId = '7e1a2f36-0c4d-4b1e-9a57-d00935bdc1aa';
