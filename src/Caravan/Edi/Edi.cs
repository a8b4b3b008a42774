using Caravan.Engines.Edi;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Edi;

/// <summary>Where an interchange stands.</summary>
public enum InterchangeState
{
    /// <summary>It is kept and being worked on; sending it again goes on with it.</summary>
    Received,

    /// <summary>All of it was taken.</summary>
    Accepted,

    /// <summary>Some of it was taken; its answers say what was not, and why.</summary>
    Partly,

    /// <summary>Nothing of it was taken.</summary>
    Rejected,

    /// <summary>It was a test: read and answered, not applied.</summary>
    Tested,

    /// <summary>Ours, and on its way.</summary>
    Sent,

    /// <summary>Ours, and acknowledged.</summary>
    Acknowledged,

    /// <summary>Ours, and refused.</summary>
    Refused,
}

/// <summary>What became of a message.</summary>
public enum MessageState
{
    /// <summary>It has taken effect.</summary>
    Applied,

    /// <summary>Some of its lines have.</summary>
    Partly,

    /// <summary>It has not.</summary>
    Rejected,

    /// <summary>It is kept; nothing follows from it.</summary>
    Noted,
}

/// <summary>A fault of an interchange, and where in its bytes.</summary>
/// <param name="Kind">Its name, as the guide lists them.</param>
/// <param name="Rejects">Whether what it stands in was not taken.</param>
/// <param name="Offset">Bytes from the first one of the interchange.</param>
/// <param name="Segment">Which segment of its message or envelope.</param>
/// <param name="Element">Which element; 0: the whole segment.</param>
/// <param name="Tag">The segment's tag.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Detail">A sentence.</param>
public sealed record FaultBody(string Kind, bool Rejects, long Offset, int Segment, int Element, string Tag, string Value, string Detail)
{
    /// <summary>The control number of the message it is in; none: the envelope.</summary>
    public string? Message { get; init; }
}

/// <summary>An interchange that came or went.</summary>
public sealed record KeptInterchange(
    EdiInterchangeId Id, EdiPartnerId Partner, bool IsOut, EdiSyntax Syntax, string ControlNumber, string ContentHash, string Types, InterchangeState State, EdiInterchangeId? AnswersTo, DateTimeOffset At, DateTimeOffset? FinishedAt)
{
    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<FaultBody> Faults { get; init; } = [];
}

/// <summary>What became of a message, line by line.</summary>
/// <param name="Sentence">In words.</param>
/// <param name="Lines">Lines that were not taken.</param>
public sealed record MessageResult(string Sentence, IReadOnlyList<LineAdvice> Lines)
{
    /// <summary>The order it became.</summary>
    public OrderId? Order { get; init; }

    /// <summary>The document of the feed it became.</summary>
    public FeedDocumentId? Document { get; init; }

    /// <summary>Whether it is answered by 824 or APERAK even where no line is at fault.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether an order is answered by 855 or ORDRSP, and as what.</summary>
    public ResponseStatus? Response { get; init; }
}

/// <summary>A message of an interchange that came.</summary>
public sealed record KeptMessage(int Number, string Type, string ControlNumber, string Reference, MessageState State, MessageResult Result);

/// <summary>An interchange with its messages, its bytes and what answered it.</summary>
public sealed record InterchangeStory(KeptInterchange Interchange, string PartnerName, byte[] Raw, IReadOnlyList<KeptMessage> Messages, IReadOnlyList<(KeptInterchange Interchange, byte[] Raw)> Answers);

/// <summary>What came and went by EDI, for those who look at it.</summary>
public sealed class EdiBook
{
    internal EdiBook()
    {
    }

    /// <summary>A company's interchanges, newest first, with their trading partner's name.</summary>
    public async Task<IReadOnlyList<(KeptInterchange Interchange, string Partner)>> ListAsync(Db db, PartnerId tenant, EdiInterchangeId? before, bool? isOut, int count)
    {
        var names = (await EdiStore.PartnersAsync(db, tenant)).ToDictionary(partner => partner.Id, partner => partner.Name);
        return [.. (await EdiStore.ListAsync(db, tenant, before, isOut, count)).Select(kept => (kept, names.GetValueOrDefault(kept.Partner) ?? ""))];
    }

    /// <summary>One of them, whole.</summary>
    public async Task<InterchangeStory?> FindAsync(Db db, PartnerId tenant, EdiInterchangeId id)
    {
        if (await EdiStore.FindAsync(db, tenant, id) is not { } kept)
            return null;

        List<(KeptInterchange, byte[])> answers = [];
        foreach (var answer in await EdiStore.AnswersAsync(db, tenant, id))
            answers.Add((answer, await EdiStore.RawAsync(db, tenant, answer.Id) ?? []));
        return new InterchangeStory(kept, (await EdiStore.PartnerAsync(db, tenant, kept.Partner))?.Name ?? "", await EdiStore.RawAsync(db, tenant, id) ?? [], await EdiStore.MessagesAsync(db, tenant, id), answers);
    }
}

internal static class EdiRoom
{
    public static IServiceCollection AddEdi(this IServiceCollection services) =>
        services
            .AddSingleton(_ => new EdiBook())
            .AddSingleton<NodeOrders>()
            .AddSingleton<NodeAnswers>()
            .AddSingleton<EdiApplying>()
            .AddSingleton<EdiDesk>()
            .AddSingleton<EdiFollowing>()
            .AddSingleton(provider => provider.GetRequiredService<EdiFollowing>().OfOrders)
            .AddSingleton<EdiFolder>()
            .AddHostedService(provider => provider.GetRequiredService<EdiFolder>())
            .AddRoomJson(EdiJson.Default);

    public static void MapEdi(this IEndpointRouteBuilder routes) => routes.MapEdiEndpoints();
}
