import { describeAgent } from '../../../src/domain/identite/appareil';

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
    'Edge, Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox, Linux'],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
    'Chrome, Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
    'Safari, iOS',
  ],
  ['curl/8.5.0', null],
])('%s is called %s', (agent, name) => {
  expect(describeAgent(agent)).toBe(name);
});

test('nothing that a stranger wrote is passed on', () => {
  expect(describeAgent('Call 0800 PHISH now! https://evil.example Firefox/1')).toBe('Firefox');
  expect(describeAgent('https://evil.example')).toBeNull();
  expect(describeAgent(null)).toBeNull();
});
