/** A CSV file as it comes, and the entries that it stands for. */
export interface GoodFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  /** The lines where the rows begin; 2, 3, 4 … where not given. */
  readonly lines?: readonly number[];
  readonly ignored?: readonly string[];
}

const utf8 = (text: string) => Buffer.from(text, 'utf8');
const utf8WithMark = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf8');
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');
const utf16BigEndian = (text: string) => utf16(text).swap16();
/** Every character of the text must be in Latin-1, or be the euro sign. */
const windows1252 = (text: string) =>
  Buffer.concat([...text].map((one) => (one === '€' ? Buffer.from([0x80]) : Buffer.from(one, 'latin1'))));

const alice = { user: 'alice@contoso.com', target: '+14255550123' };
const bob = { user: 'bob@contoso.com', target: '+442079460018' };
const rows = 'alice@contoso.com,+14255550123\r\nbob@contoso.com,+442079460018\r\n';

export const goodFiles: readonly GoodFile[] = [
  { name: 'CSV of Excel in English', bytes: utf8(`user,target\r\n${rows}`), entries: [alice, bob] },
  { name: 'CSV UTF-8 of Excel', bytes: utf8WithMark(`user,target\r\n${rows}`), entries: [alice, bob] },
  {
    name: 'CSV of Excel in German: semicolons and Windows-1252',
    bytes: windows1252('user;target;Straße;ref\r\nalice@contoso.com;+14255550123;Königstraße 5;Ü€1\r\n'),
    entries: [{ ...alice, ref: 'Ü€1' }],
    ignored: ['Straße'],
  },
  {
    name: 'CSV UTF-8 of Excel in French: semicolons and accents',
    bytes: utf8WithMark('E-Mail;Prénom;Mobile\r\nalice@contoso.com;;+14255550123\r\n'),
    entries: [alice],
    ignored: ['Prénom'],
  },
  {
    name: 'Unicode text of Excel: UTF-16 and tabs',
    bytes: utf16('user\ttarget\r\nalice@contoso.com\t+14255550123\r\n'),
    entries: [alice],
  },
  {
    name: 'UTF-16, the high byte first',
    bytes: utf16BigEndian('user\ttarget\r\nalice@contoso.com\t+14255550123\r\n'),
    entries: [alice],
  },
  {
    name: 'line ends of Unix',
    bytes: utf8(`user,target\n${rows.replaceAll('\r', '')}`),
    entries: [alice, bob],
  },
  {
    name: 'line ends of the old Mac',
    bytes: utf8(`user,target\r${rows.replaceAll('\n', '')}`),
    entries: [alice, bob],
  },
  {
    name: 'line ends that change in the file',
    bytes: utf8('user,target\r\nalice@contoso.com,+14255550123\nbob@contoso.com,+442079460018\r'),
    entries: [alice, bob],
  },
  { name: 'no line end at the end', bytes: utf8(`user,target\r\n${rows.trimEnd()}`), entries: [alice, bob] },
  {
    name: 'empty rows between, before the header and at the end',
    bytes: utf8(
      '\r\n,\r\nuser,target\r\n\r\nalice@contoso.com,+14255550123\r\n , \r\n\r\nbob@contoso.com,+442079460018\r\n,\r\n',
    ),
    entries: [alice, bob],
    lines: [5, 8],
  },
  {
    name: 'sep=; in the first line',
    bytes: utf8('sep=;\r\nuser;target\r\nalice@contoso.com;+14255550123\r\n'),
    entries: [alice],
    lines: [3],
  },
  {
    name: 'sep=| in the first line, in quotation marks',
    bytes: utf8WithMark('"sep=|"\nuser|target\nalice@contoso.com|+14255550123\n'),
    entries: [alice],
    lines: [3],
  },
  {
    name: 'sep= with a tab',
    bytes: utf8('sep=\t\nuser\ttarget\nalice@contoso.com\t+14255550123\n'),
    entries: [alice],
    lines: [3],
  },
  {
    name: 'every cell in quotation marks',
    bytes: utf8('"user","target"\r\n"alice@contoso.com","+14255550123"\r\n'),
    entries: [alice],
  },
  {
    name: 'commas and doubled quotation marks in cells',
    bytes: utf8('name,user,target\r\n"Bauer, ""Ali"" Alice",alice@contoso.com,+14255550123\r\n'),
    entries: [alice],
    ignored: ['name'],
  },
  {
    name: 'quotation marks in the middle of a cell',
    bytes: utf8(
      'name,user,target\r\nAlice "Ali" Bauer,alice@contoso.com,+14255550123\r\n5" disk,bob@contoso.com,+442079460018\r\n',
    ),
    entries: [alice, bob],
    ignored: ['name'],
  },
  {
    name: 'a line break in a cell of an address',
    bytes: utf8(
      'address;user;target\n"Main St 5\nSeattle";alice@contoso.com;+14255550123\nx;bob@contoso.com;+442079460018\n',
    ),
    entries: [alice, bob],
    lines: [2, 4],
    ignored: ['address'],
  },
  {
    name: 'columns in any order and case, with blanks and underscores',
    bytes: utf8(
      'Employee_ID , PHONE NUMBER,Ring-Delay, User Principal Name ,RING\nE1,+14255550123,,alice@contoso.com,contact\nE2,,10,bob@contoso.com,delegates\n',
    ),
    entries: [
      { ...alice, ring: 'contact', ref: 'E1' },
      { user: 'bob@contoso.com', ring: 'delegates', ringDelaySeconds: 10, ref: 'E2' },
    ],
  },
  {
    name: 'every column by its own name',
    bytes: utf8(
      'user,ring,target,ringDelaySeconds,activePeriod,from,until,ref\na@contoso.com,team,,5,workhours,2026-12-01T08:00:00Z,2026-12-05T18:00:00Z,7\n',
    ),
    entries: [
      {
        user: 'a@contoso.com',
        ring: 'team',
        ringDelaySeconds: 5,
        activePeriod: 'workhours',
        from: '2026-12-01T08:00:00Z',
        until: '2026-12-05T18:00:00Z',
        ref: '7',
      },
    ],
  },
  {
    name: 'names near to those of columns that are there',
    bytes: utf8('user,target,Zip,Mobil,E-Mail 2\nalice@contoso.com,+14255550123,98052,x,y\n'),
    entries: [alice],
    ignored: ['Zip', 'Mobil', 'E-Mail 2'],
  },
  {
    name: 'two columns of many',
    bytes: utf8('detail;email;code;ring\nIT;alice@contoso.com;12;off\nHR;bob@contoso.com;13;team\n'),
    entries: [
      { user: 'alice@contoso.com', ring: 'off' },
      { user: 'bob@contoso.com', ring: 'team' },
    ],
  },
  {
    name: 'short rows: what is missing is left out',
    bytes: utf8('user,target,ref\nalice@contoso.com,+14255550123\nbob@contoso.com\n'),
    entries: [alice, { user: 'bob@contoso.com' }],
  },
  {
    name: 'empty cells and cells of blanks',
    bytes: utf8('user,ring,target,ref\nalice@contoso.com,, +14255550123 ,  \n'),
    entries: [{ user: 'alice@contoso.com', target: ' +14255550123 ' }],
  },
  {
    name: 'an HR export with many other columns',
    bytes: utf8(
      'Personnel No.;Last Name;First Name;Department;Cost Center;Unit;State;Title;Manager;E-mail;Mobile\n4711;Bauer;Alice;IT;100;North;WA;Engineer;Carol;alice@contoso.com;+14255550123\n',
    ),
    entries: [alice],
    ignored: [
      'Personnel No.',
      'Last Name',
      'First Name',
      'Department',
      'Cost Center',
      'Unit',
      'State',
      'Title',
      'Manager',
    ],
  },
  {
    name: 'columns without a name at the end',
    bytes: utf8('user,target,,\nalice@contoso.com,+14255550123,,\n'),
    entries: [alice],
  },
  {
    name: 'cells with an apostrophe against formulas',
    bytes: utf8(
      "user,target,ref\nalice@contoso.com,'+14255550123,'=1+1\nbob@contoso.com,'+442079460018,''-x\n",
    ),
    entries: [
      { ...alice, ref: '=1+1' },
      { ...bob, ref: "'-x" },
    ],
  },
  {
    name: 'an apostrophe that protects nothing',
    bytes: utf8("user,target,ref\nalice@contoso.com,+14255550123,'quoted'\n"),
    entries: [{ ...alice, ref: "'quoted'" }],
  },
  {
    name: 'a formula as text',
    bytes: utf8('user,target,ref\nalice@contoso.com,+14255550123,"=HYPERLINK(""http://x"",""y"")"\n'),
    entries: [{ ...alice, ref: '=HYPERLINK("http://x","y")' }],
  },
  {
    name: 'a number as a spreadsheet spoils it',
    bytes: utf8('user,target\nalice@contoso.com,1.42556E+10\n'),
    entries: [{ user: 'alice@contoso.com', target: '1.42556E+10' }],
  },
  {
    name: 'a delay that is not a whole number',
    bytes: utf8('user,ring,delay\nalice@contoso.com,team,soon\nbob@contoso.com,team,1.5\n'),
    entries: [
      { user: 'alice@contoso.com', ring: 'team', ringDelaySeconds: 'soon' },
      { user: 'bob@contoso.com', ring: 'team', ringDelaySeconds: '1.5' },
    ],
  },
  {
    name: 'commas in cells of a file with semicolons',
    bytes: utf8('user;target;note\nalice@contoso.com;+14255550123;a, b, c, d\n'),
    entries: [alice],
    ignored: ['note'],
  },
  {
    name: 'Cyrillic and Chinese in UTF-8 without a mark',
    bytes: utf8('имя,user,target,ref\nАлиса,alice@contoso.com,+14255550123,爱丽丝\n'),
    entries: [{ ...alice, ref: '爱丽丝' }],
    ignored: ['имя'],
  },
  {
    name: 'invisible characters in the header',
    bytes: utf8('\u200Buser\u00A0,\u200Etarget\nalice@contoso.com,+14255550123\n'),
    entries: [alice],
  },
  {
    name: 'columns of our own report',
    bytes: utf8(
      'user,target,ref,part,entry,outcome,code,detail,verified\nalice@contoso.com,\'+14255550123,E1,0,3,failed,busy,"wait, then send",false\n',
    ),
    entries: [{ ...alice, ref: 'E1' }],
  },
];

/** A CSV file that cannot be read as a whole, and what its refusal must say. */
export interface BadFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly says: RegExp;
}

export const badFiles: readonly BadFile[] = [
  {
    name: 'an Excel workbook',
    bytes: Buffer.from('504b0304140006000800', 'hex'),
    says: /Excel workbook.*CSV UTF-8/,
  },
  {
    name: 'an old Excel workbook',
    bytes: Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    says: /old Excel workbook.*CSV UTF-8/,
  },
  { name: 'a PDF file', bytes: utf8('%PDF-1.7'), says: /PDF file/ },
  { name: 'bytes that are not text', bytes: Buffer.from('7573657200ff01', 'hex'), says: /zero bytes/ },
  {
    name: 'UTF-8 with a mark and damage',
    bytes: Buffer.concat([utf8WithMark('user'), Buffer.from([0xff])]),
    says: /UTF-8.*damaged/,
  },
  { name: 'nothing', bytes: utf8(''), says: /is empty.*header row/ },
  { name: 'blanks only', bytes: utf8WithMark(' \r\n\r\n'), says: /is empty/ },
  { name: 'empty rows only', bytes: utf8(',,\r\n,,\r\n'), says: /header row/ },
  { name: 'a header only', bytes: utf8('user,target\r\n'), says: /no rows/ },
  { name: 'no header', bytes: utf8(rows), says: /holds data.*header row/ },
  {
    name: 'a header without end',
    bytes: utf8(`user${','.repeat(2_000)}\na\n`),
    says: /more than 1000 columns/,
  },
  {
    name: 'a header of unknown names',
    bytes: utf8('a,b,c\r\n1,2,3\r\n'),
    says: /no known column.*Allowed: user, ring/,
  },
  {
    name: 'a title above the header',
    bytes: utf8('Phone list 2026,,\r\n\r\nuser,target,ref\r\na@contoso.com,1,2\r\n'),
    says: /no known column.*The header seems to stand in line 3: delete what is above it\.$/,
  },
  {
    name: 'no column for the user',
    bytes: utf8('target,ref\r\n+14255550123,E1\r\n'),
    says: /no column for the user/,
  },
  {
    name: 'one column only',
    bytes: utf8('email\nalice@contoso.com\nbob@contoso.com\n'),
    says: /no column for what is to ring: name one "target" or "phone".*It has the column "email"\.$/,
  },
  {
    name: 'a number under a name that is not known',
    bytes: utf8('E-Mail;Telefonnummer;Abteilung\na@contoso.com;1;b\n'),
    says: /no column for what is to ring.*"E-Mail", "Telefonnummer", "Abteilung"/,
  },
  {
    name: 'two columns of one meaning',
    bytes: utf8('email,upn,phone,mobile\r\na,b,c,d\r\n'),
    says: /"email" and "upn" all mean user.*"phone" and "mobile" all mean target/,
  },
  {
    name: 'the same column twice',
    bytes: utf8('user,target,target\r\na,b,c\r\n'),
    says: /"target" and "target"/,
  },
  {
    name: 'a misspelt column',
    bytes: utf8('user,traget\r\na,b\r\n'),
    says: /"traget" may be a misspelling of "target"/,
  },
  {
    name: 'letters that are swapped',
    bytes: utf8('user,target,unitl\r\na,b,c\r\n'),
    says: /"unitl" may be a misspelling of "until"/,
  },
  { name: 'a letter too many', bytes: utf8('user,target,untill\r\na,b,c\r\n'), says: /"until"/ },
  {
    name: 'a quotation mark that is never closed',
    bytes: utf8('user,target\r\n"alice@contoso.com,+1\r\nbob@contoso.com,+2\r\n'),
    says: /never closed/,
  },
];
