module.exports = {
  title: 'Kite blog',
  url: 'https://www.example.org',
  baseUrl: '/',
  presets: [['classic', {docs: false, blog: {showReadingTime: false}}]],
};
