using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock;

/// <summary>A company's allocation rule: who gets its stock when it does not suffice.</summary>
internal static class AllocationEndpoints
{
    private const int ChannelsMax = 100;
    private const int LongestChannel = 50;

    public static void MapAllocationEndpoints(this IEndpointRouteBuilder routes)
    {
        var rule = routes.MapGroup("/v1/stock/allocation-rule").WithTags("Stock").NeedsScope(Area.Stock);
        rule.MapGet("", Get).WithSummary("Who gets your stock when it does not suffice").Produces<AllocationRuleBody>();
        rule.MapPut("", Put).WithSummary("Choose who gets your stock when it does not suffice: shortfalls, and supply that arrives").Produces<AllocationRuleBody>().ProducesProblem(400);
    }

    private static async Task<IResult> Get(Caller caller, Store store, CancellationToken cancel) =>
        TypedResults.Ok(AllocationRuleBody.Of(await store.ReadAsync(db => AllocationStore.OfAsync(db, caller.Tenant), cancel)));

    private static async Task<IResult> Put(HttpContext context, Caller caller, AllocationRuleBody body, Outbox outbox, IdempotentWrites writes)
    {
        var channels = body.Channels ?? [];
        var check = new Check()
            .That(channels.Count <= ChannelsMax, "#/channels", $"At most {ChannelsMax} channels.")
            .That(channels.Count > 0 == (body.Rule == AllocationRule.ChannelPriority), "#/channels", "Give channels in their order with channelPriority, and with no other rule.");
        for (var i = 0; i < Math.Min(channels.Count, ChannelsMax); i++)
            check.Text(channels[i], $"#/channels/{i}", LongestChannel).That(channels.IndexOf(channels[i]) == i, $"#/channels/{i}", "This channel stands in the list twice.");
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx =>
        {
            await AllocationStore.PutAsync(tx, caller.Tenant, new AllocationChoice(body.Rule, channels));
            await Shortfalls.TellAgainAsync(tx, outbox, caller.Tenant);
            return new Answer(200, body);
        });
    }
}

/// <summary>Who gets stock that does not suffice; with channelPriority, the channels in their order.</summary>
internal sealed record AllocationRuleBody(AllocationRule Rule)
{
    public List<string>? Channels { get; init; }

    public static AllocationRuleBody Of(AllocationChoice choice) => new(choice.Rule) { Channels = choice.Channels.Count == 0 ? null : [.. choice.Channels] };
}
