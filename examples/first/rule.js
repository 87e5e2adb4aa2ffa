// A rule over a global: the last expression is the result.
order.total > 100 ? { discount: 0.1, total: order.total * 0.9 } : { discount: 0, total: order.total };
