// cheerio: documents read, asked and changed.
'use strict';
const cheerio = require('cheerio');

const $ = cheerio.load('<ul id=list><li class=a>One<li class="b c">Two<li>Three &amp; more</ul><p>text <b>bold</b>');
console.log($('li').length, $('li.b').text(), $('#list > li').last().text());
console.log($('li').map((i, el) => `${i}:${$(el).text()}`).get());
$('li.a').addClass('first').attr('data-x', '1').append('<i>!</i>');
$('p b').replaceWith('<em>new</em>');
console.log($.html());
console.log($('p').prop('outerHTML'), $.text());
console.log($.extract({ items: ['li'], bold: 'em' }));
const xml = cheerio.load('<a><b x="1"/><b x="2">t</b></a>', { xml: true });
console.log(xml.xml(), xml('b').eq(1).attr('x'));
