import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeSite, makeUser } from '../support/factories';
import { statementsDuring } from '../support/queries';

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const post = (
  client: Client,
  body: string | Uint8Array<ArrayBuffer>,
  query = '',
  headers: Record<string, string> = {},
) =>
  client.send('POST', `/users/import${query}`, { headers: { 'content-type': 'text/csv', ...headers }, body });

let counter = 0;
const address = () => `import-${++counter}@exemple.ma`;
const countUsers = async () => (await api.db.query('SELECT count(*)::integer AS n FROM users'))[0].n;

describe('a file of people', () => {
  it('becomes accounts, each invited to choose a password', async () => {
    const [one, two] = [await makeSite(api.db), await makeSite(api.db)];
    const emails = [address(), address(), address()];
    const csv = [
      'email,nom,prenom,role,langue,telephone,site_ids',
      `${emails[0]!.toUpperCase()},Alaoui,Karim,technicien,,+212 6 12 34 56 78,`,
      '',
      `${emails[1]},"Bennani, épouse ""B""",Salma,client,en,,${one.id} ${two.id}`,
      ` ${emails[2]} , O'Brien ,Zoé,responsable,ar,,${two.id}|${one.id}`,
      '',
    ].join('\r\n');
    const { status, body } = await post(admin, csv);
    expect([status, body]).toEqual([
      200,
      {
        lignes: 3,
        creees: 3,
        utilisateurs: [expect.any(Number), expect.any(Number), expect.any(Number)],
        erreurs: [],
      },
    ]);
    const people = [];
    for (const id of body.utilisateurs) people.push((await admin.get(`/users/${id}`)).body);
    expect(people).toMatchObject([
      {
        email: emails[0],
        nom: 'Alaoui',
        role: 'technicien',
        langue: 'fr',
        telephone: '+212612345678',
        site_ids: [],
      },
      { email: emails[1], nom: 'Bennani, épouse "B"', langue: 'en', site_ids: [one.id, two.id] },
      { email: emails[2], nom: "O'Brien", prenom: 'Zoé', langue: 'ar', site_ids: [one.id, two.id] },
    ]);
    for (const person of people)
      expect(person).toMatchObject({ is_active: true, invitation_en_attente: true, version: 1 });
    const traces = await api.db.query(
      `SELECT h.action, h.apres->>'email' AS email, l.motif FROM historique h
       JOIN liens_mot_de_passe l ON l.user_id = h.entite_id
       WHERE h.entite = 'user' AND h.entite_id = ANY($1) ORDER BY h.entite_id`,
      [body.utilisateurs],
    );
    expect(traces).toEqual(emails.map((email) => ({ action: 'creation', email, motif: 'invitation' })));
  });

  it('says which lines bear a telephone number that nobody can have', async () => {
    const csv = [
      'email,nom,prenom,role,telephone',
      `${address()},Alaoui,Karim,client,0612345678`,
      `${address()},Alaoui,Karim,client,0000000000`,
    ].join('\n');
    const { body } = await post(admin, csv);
    expect(body).toMatchObject({ creees: 1, erreurs: [{ ligne: 3, champ: 'telephone' }] });
    expect((await admin.get(`/users/${body.utilisateurs[0]}`)).body.telephone).toBe('+212612345678');
  });

  it('is taken with the semicolons and the mark that spreadsheets write', async () => {
    const email = address();
    const { body } = await post(admin, `\uFEFFemail;nom;prenom;role\n${email};"Alaoui; Ben";Karim;client\n`);
    expect(body).toMatchObject({ lignes: 1, creees: 1, erreurs: [] });
    expect((await admin.get(`/users/${body.utilisateurs[0]}`)).body.nom).toBe('Alaoui; Ben');
  });

  it.each([
    [
      'with a first line that names the separator',
      'sep=;\r\nemail;nom;prenom;role\r\n{};Alaoui;Karim;client\r\n',
    ],
    ['the same in quotes', '"sep=;"\nemail;nom;prenom;role\n{};Alaoui;Karim;client\n'],
    ['with tabs', 'email\tnom\tprenom\trole\n{}\tAlaoui\tKarim\tclient\n'],
    [
      'with blanks around names and cells',
      ' email ; Nom\u00a0;PRENOM;role \n {} ;\u00a0Alaoui ; Karim;client \n',
    ],
    [
      'with lines of separators at the end',
      'email;nom;prenom;role\r\n{};Alaoui;Karim;client\r\n;;;\r\n;;;\r\n\r\n',
    ],
    ['with a line of separators in the middle', 'email;nom;prenom;role\n;;;\n{};Alaoui;Karim;client\n'],
    ['with columns that are empty', 'email;nom;prenom;role;;\n{};Alaoui;Karim;client;;\n'],
    ['with the line breaks of old machines', 'email;nom;prenom;role\r{};Alaoui;Karim;client\r'],
  ])('is taken as Excel writes it, %s', async (_, csv) => {
    const email = address();
    const { body } = await post(admin, `\uFEFF${csv.replace('{}', email)}`);
    expect(body).toMatchObject({ lignes: 1, creees: 1, erreurs: [] });
    const { body: user } = await admin.get(`/users/${body.utilisateurs[0]}`);
    expect([user.email, user.nom, user.prenom, user.role]).toEqual([email, 'Alaoui', 'Karim', 'client']);
  });

  it('has its faults told by the line of the file, whatever was passed over before it', async () => {
    const { body } = await post(admin, `sep=;\nemail;nom;prenom;role\n;;;\n\nfaux;Alaoui;Karim;client\n`);
    expect(body.erreurs).toEqual([expect.objectContaining({ ligne: 5, champ: 'email' })]);
  });

  it('has its faulty lines told one by one, in the language of the reader, and the others created', async () => {
    const existing = await makeUser(api.db);
    const [good, twice] = [address(), address()];
    const csv = [
      'email,nom,prenom,role,site_ids',
      `${good},Alaoui,Karim,client,`,
      `pas une adresse,,Karim,chef,`,
      `${twice},Alaoui,"Karim`,
      `",client,`,
      `${twice.toUpperCase()},Alaoui,Karim,client,`,
      `${existing.email.toUpperCase()},Alaoui,Karim,client,`,
      `${address()},Alaoui,Karim,admin,1`,
      `${address()},Alaoui,Karim,client,999999`,
      `${address()},Alaoui,Karim,client,un deux`,
      `${address()},Alaoui,Karim,client,9999999999`,
      `${address()},Alaoui,Karim`,
    ].join('\n');
    const { status, body } = await post(admin, csv);
    expect([status, body.lignes, body.creees]).toEqual([200, 10, 2]);
    const faults = body.erreurs.map(({ ligne, champ }: { ligne: number; champ: string }) => [ligne, champ]);
    expect(faults).toEqual([
      [3, 'email'],
      [3, 'nom'],
      [3, 'role'],
      [6, 'email'],
      [7, 'email'],
      [8, 'site_ids'],
      [9, 'site_ids'],
      [10, 'site_ids'],
      [11, 'site_ids'],
      [12, ''],
    ]);
    const told = (ligne: number, from: typeof body) =>
      from.erreurs.find((fault: { ligne: number }) => fault.ligne === ligne).message;
    expect(told(6, body)).toBe("La même adresse qu'à la ligne 4");
    expect(told(7, body)).toBe('Un compte a déjà cette adresse');
    expect(told(12, body)).toBe('5 colonnes attendues, 3 trouvées');
    const again = await post(admin, csv, '?essai=true', { 'accept-language': 'en' });
    expect(told(7, again.body)).toBe('An account has this address already');
  });

  it('is only checked with essai=true', async () => {
    const before = await countUsers();
    const csv = `email,nom,prenom,role\n${address()},Alaoui,Karim,client\nx,Alaoui,Karim,client\n`;
    const { body } = await post(admin, csv, '?essai=true');
    expect(body).toMatchObject({
      lignes: 2,
      creees: 0,
      utilisateurs: [],
      erreurs: [{ ligne: 3, champ: 'email' }],
    });
    expect(await countUsers()).toBe(before);
  });

  it('is checked and then taken under one Idempotency-Key each, and taken once', async () => {
    const csv = `email,nom,prenom,role\n${address()},Alaoui,Karim,client\n`;
    const headers = { 'idempotency-key': 'import-1' };
    const replies = await Promise.all([1, 2, 3].map(() => post(admin, csv, '', headers)));
    expect(replies.map(({ body }) => body)).toEqual([replies[0]!.body, replies[0]!.body, replies[0]!.body]);
    expect(replies[0]!.body.creees).toBe(1);
    expect((await post(admin, csv, '?essai=true', headers)).body.code).toBe('CLE_REUTILISEE');
  });

  it('of two who import the same at once is taken from one, line by line', async () => {
    const emails = Array.from({ length: 30 }, address);
    const csv = (list: string[]) =>
      `email,nom,prenom,role\n${list.map((email) => `${email},Alaoui,Karim,client`).join('\n')}`;
    const [one, two] = await Promise.all([post(admin, csv(emails)), post(admin, csv(emails.toReversed()))]);
    expect([one!.status, two!.status]).toEqual([200, 200]);
    expect(one!.body.creees + two!.body.creees).toBe(30);
    expect(one!.body.erreurs.length + two!.body.erreurs.length).toBe(30);
  });

  it('of a thousand lines takes no more statements than one of two', async () => {
    const csv = (lines: number) =>
      `email,nom,prenom,role\n${Array.from({ length: lines }, () => `${address()},Alaoui,Karim,client`).join('\n')}`;
    const few = await statementsDuring(() => post(admin, csv(2)));
    let creees = 0;
    const many = await statementsDuring(async () => {
      ({ creees } = (await post(admin, csv(1_000))).body);
    });
    expect(creees).toBe(1_000);
    expect(many.length).toBe(few.length);
  });
});

describe('who imports', () => {
  it('gives no role and no site beyond what they could give one by one', async () => {
    const [here, elsewhere] = [await makeSite(api.db), await makeSite(api.db)];
    const responsable = (await api.newPerson('responsable', { sites: [here.id] })).client;
    const { body } = await post(
      responsable,
      [
        'email,nom,prenom,role,site_ids',
        `${address()},Alaoui,Karim,admin,`,
        `${address()},Alaoui,Karim,responsable,`,
        `${address()},Alaoui,Karim,client,${elsewhere.id}`,
        `${address()},Alaoui,Karim,client,${here.id}`,
      ].join('\n'),
    );
    expect(body.creees).toBe(1);
    const faults = body.erreurs.map(({ ligne, champ }: { ligne: number; champ: string }) => [ligne, champ]);
    expect(faults).toEqual([
      [2, 'role'],
      [3, 'site_ids'],
      [4, 'site_ids'],
    ]);
  });

  it('is somebody who may create people at all', async () => {
    const csv = 'email,nom,prenom,role\n';
    for (const role of ['technicien', 'client'] as const) {
      expect((await post((await api.newPerson(role)).client, csv)).status).toBe(403);
    }
    expect((await post(api.anonymous, csv)).status).toBe(401);
  });
});

describe('what is no such file', () => {
  const refused = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const before = await countUsers();
    const reply = await post(admin, body, '', headers);
    expect(await countUsers()).toBe(before);
    return reply;
  };
  const line = () => `${address()},Alaoui,Karim,client`;

  it.each([
    ['no lines at all', '\n\n', [['fichier', 'Fichier vide']]],
    [
      'columns that are unknown, missing or there twice',
      'email,nom,nom,role,is_admin\n',
      [
        ['is_admin', 'Colonne inconnue'],
        ['nom', 'Colonne en double'],
        ['prenom', 'Colonne manquante'],
      ],
    ],
    ['a password for somebody', 'email,nom,prenom,role,password\n', [['password', 'Colonne inconnue']]],
    ['more columns than anybody has', `${'a,'.repeat(400_000)}a\n`, [['fichier', 'Trop de colonnes']]],
    [
      'a quote that never ends',
      `email,nom,prenom,role\n\n"${'x'.repeat(1000)}`,
      [['fichier', 'Guillemets mal placés à la ligne 3']],
    ],
    [
      'one character as a name',
      '\0',
      [
        ['\0', 'Colonne inconnue'],
        ['email', 'Colonne manquante'],
        ['nom', 'Colonne manquante'],
        ['prenom', 'Colonne manquante'],
        ['role', 'Colonne manquante'],
      ],
    ],
  ])('is refused: %s', async (_, csv, faults) => {
    const { status, body } = await refused(csv);
    expect([status, body.code]).toEqual([422, 'VALIDATION']);
    const told = body.erreurs.map(({ champ, message }: { champ: string; message: string }) => [
      champ,
      message,
    ]);
    expect(told).toEqual(faults);
  });

  it('is refused in another encoding, said or not', async () => {
    const latin1 = Buffer.from(`email,nom,prenom,role\n${address()},Élie,Zoé,client\n`, 'latin1');
    const utf16 = Buffer.from(`\uFEFFemail,nom,prenom,role\n${line()}\n`, 'utf16le');
    for (const bytes of [latin1, utf16]) {
      const { status, body } = await refused(new Uint8Array(bytes));
      expect([status, body.erreurs]).toEqual([
        422,
        [{ champ: 'fichier', message: 'Le fichier doit être en UTF-8' }],
      ]);
    }
    const said = await refused(new Uint8Array(latin1), { 'content-type': 'text/csv; charset=iso-8859-1' });
    expect([said.status, said.body.code]).toEqual([415, 'TYPE_NON_ACCEPTE']);
    const utf8 = `email,nom,prenom,role\n${line()}\n`;
    expect((await post(admin, utf8, '', { 'content-type': 'text/csv; charset=UTF-8' })).status).toBe(200);
  });

  it('is refused with more than a thousand lines, more than a megabyte, or as anything but CSV', async () => {
    const lines = Array.from({ length: 1_001 }, line).join('\n');
    const long = await refused(`email,nom,prenom,role\n${lines}`);
    expect([long.status, long.body.erreurs[0].message]).toEqual([422, 'Au plus 1000 lignes à la fois']);
    expect((await refused(`email,nom,prenom,role\n${'x'.repeat(1_000_000)}`)).status).toBe(413);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      expect((await refused('email,nom,prenom,role\n', { 'content-type': type })).status).toBe(415);
    }
    expect((await admin.send('POST', '/users/import')).status).toBe(400);
  });

  it('holds nothing that is worked out: formulas, statements and templates are names like any other', async () => {
    const names = ['=SUM(A1:A9)*cmd|calc', "'); DROP TABLE users; --", '{{constructor}}', '<b>', '%COMSPEC%'];
    const csv = names.map((nom) => `${address()},"${nom.replaceAll('"', '""')}",X,client`).join('\n');
    const { body } = await post(admin, `email,nom,prenom,role\n${csv}`);
    const kept = await api.db.query(
      'SELECT nom FROM users WHERE id = ANY($1) ORDER BY array_position($1, id)',
      [body.utilisateurs],
    );
    expect(kept.map(({ nom }: { nom: string }) => nom)).toEqual(names);
  });

  it('is answered in time, whatever is in it', async () => {
    const hostile = [
      '"'.repeat(900_000),
      `email,nom,prenom,role,site_ids\n${address()},A,B,client,${'1 '.repeat(400_000)}`,
      `email,nom,prenom,role\n${`${'a'.repeat(440)}@${'b.'.repeat(200)},A,B,client\n`.repeat(1_000)}`,
      `email,nom,prenom,role\n${'\n'.repeat(900_000)}${address()},A,B,client`,
      `email;nom;prenom;role\n${';;;\n'.repeat(200_000)}`,
    ];
    for (const csv of hostile) expect((await post(admin, csv)).status).toBeLessThan(500);
  });
});
