// What fails on the shop's pages. The clients' scripts call it; the test knows its lines by their text.
function pickBanner(city) {
  const banners = [];
  return banners[0].title + city;
}

async function loadBanner(city) {
  await Promise.resolve();
  return pickBanner(city);
}

function renderPage(city) {
  try {
    return pickBanner(city);
  } catch (error) {
    throw new RangeError(`no banner for ${city}`, { cause: error });
  }
}

// What each button does; `report` and `leave` are the client's.
function openShop({ report, leave }) {
  const actions = {
    uncaught: () => pickBanner('Paris'),
    rejection: () => { void loadBanner('Paris'); },
    handled: () => {
      try {
        renderPage('Paris');
      } catch (error) {
        report(error);
      }
    },
    unload: () => {
      addEventListener('pagehide', () => {
        try {
          pickBanner('Paris');
        } catch (error) {
          leave(error);
        }
      });
    },
  };
  for (const [name, act] of Object.entries(actions)) document.getElementById(name).addEventListener('click', act);
  console.warn('the shop is open');
}
