using System.CommandLine;
using Caravan.Sim;

var seeds = new Option<int>("--seeds") { Description = "How many seeds to live through.", DefaultValueFactory = _ => 2_000 };
var from = new Option<int>("--from") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
var seed = new Option<int?>("--seed") { Description = "Live through this one seed and print its history." };
var plant = new Option<string?>("--plant") { Description = $"Plant a bug: {string.Join(", ", Plant.All.Select(one => one.Name))}." };
var threads = new Option<int>("--threads") { Description = "How many seeds at a time.", DefaultValueFactory = _ => Math.Max(1, Environment.ProcessorCount) };
var root = new RootCommand("Lives through simulated histories of the order desk: two servers, one disk, and everything that can go wrong.") { seeds, from, seed, plant, threads };
root.SetAction(parsed =>
{
    var planted = parsed.GetValue(plant) is { } name ? Plant.Of(name) : null;
    return parsed.GetValue(seed) is { } one
        ? Simulation.Replay(one, planted)
        : Simulation.Run(parsed.GetValue(from), parsed.GetValue(seeds), parsed.GetValue(threads), planted);
});
return await root.Parse(args).InvokeAsync();
