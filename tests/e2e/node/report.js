// Reports one exception through an npm SDK, prints its id: node report.js rollbar TOKEN URL | node report.js sentry DSN
function pickBanner(shop) {
  const banners = [];
  return banners[0].title + shop;
}

function viaRollbar(token, url) {
  const Rollbar = require('rollbar');
  const rollbar = new Rollbar({accessToken: token, endpoint: url + '/api/1/item/', environment: 'production',
    codeVersion: 'a1b2c3d', captureUncaught: false});
  try {
    pickBanner('paris');
  } catch (error) {
    rollbar.error(error, {headers: {authorization: ['Bearer', 's3cret'].join(' ')}, url: '/banners'}, {orderId: 17}, (failed, result) => {
      if (failed) { console.error(failed); process.exit(1); }
      console.log(result.uuid);
    });
  }
}

async function viaSentry(dsn) {
  const Sentry = require('@sentry/node');
  Sentry.init({dsn, release: 'a1b2c3d', environment: 'production', includeLocalVariables: true});
  Sentry.setUser({id: '17', email: 'ada@shop.example'});
  try {
    pickBanner('paris');
  } catch (error) {
    const id = Sentry.captureException(error);
    if (!await Sentry.flush(5000)) process.exit(1);
    console.log(id);
  }
}

const [kind, ...rest] = process.argv.slice(2);
(kind === 'rollbar' ? viaRollbar : viaSentry)(...rest);
