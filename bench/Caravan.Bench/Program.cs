using System.CommandLine;
using Caravan.Bench;
using Caravan.Bench.Orders;

var root = new RootCommand("Measures Caravan. Each verb prints a table for people and, as its last line, one JSON object.");
root.Add(FirstOrder.Create());
root.Add(OrdersVerb.Create());
return await root.Parse(args).InvokeAsync();
