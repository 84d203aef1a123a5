import { isPublicAddress, MAX_URL, urlFault } from '../../src/net/addresses';

test.each([
  ['this machine', ['127.0.0.1', '127.255.0.9', '::1', '0.0.0.0', '::']],
  ['the private networks', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fec0::1']],
  ['the neighbours of a link, and the metadata of clouds', ['169.254.169.254', 'fe80::1']],
  ['the network of a provider', ['100.64.0.1']],
  ['nobody, or many', ['224.0.0.1', '255.255.255.255', '240.0.0.1', 'ff02::1', '192.0.2.1', '2001:db8::1']],
  [
    'an IPv4 address in other clothes',
    ['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '::7f00:1', '::ffff:0:7f00:1', '64:ff9b::7f00:1'],
  ],
  ['a tunnel', ['2002:7f00:1::', '2001::1']],
  ['no address', ['', 'localhost', '127.1', '0x7f000001', '2130706433']],
])('%s is not public', (_, addresses) => {
  expect(addresses.filter(isPublicAddress)).toEqual([]);
});

test('what is given to anybody is public, also as IPv6 writes it', () => {
  const addresses = ['93.184.216.34', '::ffff:93.184.216.34', '2606:4700::1111', '172.32.0.1', '8.8.8.8'];
  expect(addresses.filter(isPublicAddress)).toEqual(addresses);
});

test.each([
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://127.1./',
  'https://１２７.0.0.1/',
  'https://127。0。0。1/',
  'https://①②⑦.0.0.1/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::7f00:1]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://localhost/',
  'https://LOCALHOST./',
  'https://api.localhost/',
  'https://postgres/',
  'https://printer.local/',
  'https://metadata.google.internal/',
])('%s leads to no public address', (url) => {
  expect(urlFault(url, { privateNetworks: false })?.en).toBe('Must lead to a public address');
  expect(urlFault(url, { privateNetworks: true })).toBeNull();
});

test.each([
  ['http://example.com/', 'Must start with https://'],
  ['ftp://example.com/', 'Must start with https://'],
  ['file:///etc/passwd', 'Must start with https://'],
  ['javascript:alert(1)', 'Must start with https://'],
  ['https://a:b@example.com/', 'Cannot hold a user name or a password'],
  ['https://example.com@127.0.0.1/', 'Cannot hold a user name or a password'],
  ['https://example.com/#a', 'Cannot hold a fragment (#)'],
  ['example.com', 'Must be a complete URL'],
  ['https://[fe80::1%25eth0]/', 'Must be a complete URL'],
  [`https://example.com/${'a'.repeat(MAX_URL)}`, `At most ${MAX_URL} characters`],
])('%.60s is refused, private networks or not: %s', (url, fault) => {
  expect(urlFault(url, { privateNetworks: false })?.en).toBe(fault);
  expect(urlFault(url, { privateNetworks: true })?.en).toBe(fault);
});

test('a public address or name is accepted, on any port', () => {
  for (const url of [
    'https://example.com',
    'https://hooks.example.com:8443/a?b=c',
    'https://93.184.216.34/',
  ]) {
    expect(urlFault(url, { privateNetworks: false })).toBeNull();
  }
});
