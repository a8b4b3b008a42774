using System.Text.Json.Serialization;
using Caravan.Platform;
using Caravan.Platform.Problems;

namespace Caravan.Returns;

/// <summary>That the customer has sent it; the reference is the carrier's, of the parcel.</summary>
internal sealed record SendReturnBody
{
    public string? Reference { get; init; }
}

/// <summary>What has come: some lines, or all that is left. The cause (a goods-received note) makes it be counted once; with isLast nothing more comes.</summary>
internal sealed record ReceiveReturnBody(string Cause)
{
    public List<ReturnArrival>? Lines { get; init; }
    public bool IsLast { get; init; }
}

/// <summary>Judgements on what has come; the cause (the note of whoever judged) makes each line be judged once by it.</summary>
internal sealed record GradeReturnBody(string Cause, List<ReturnGrading> Lines);

/// <summary>Units of a lot, or of none, that have come, and what became of them.</summary>
internal sealed record ReturnPartBody(string Lot, int Received, int ToGrade, int OnHold, int Restocked, int WrittenOff, int GivenBack);

/// <summary>A line: what is to come, what has come lot by lot, and what is paid back for it.</summary>
internal sealed record ReturnLineBody(
    int Line, int OrderLine, PartnerId Owner, ItemId Item, string Sku, string Name, ReturnReason Reason, string? Note, int Quantity, int Received, int ToCome, int ToGrade, bool NeedsRelease, Money Price, int RefundPercent, string? RefundReason, Money Refund, IReadOnlyList<ReturnPartBody> Parts);

/// <summary>A judgement as it is kept.</summary>
internal sealed record ReturnJudgementBody(
    int Number, int Line, string Cause, string? Lot, int Quantity, ReturnGrade Grade, ReturnDisposition Disposition, bool FromHold, ReturnRelease? Release, string? Note, Money Refund, string? RefundReason, string GradedBy, DateTimeOffset At);

/// <summary>A return as it is answered. The code is what the customer shows; the refund is what is due so far.</summary>
internal sealed record ReturnBody(
    ReturnId Id,
    ReturnKind Kind,
    ReturnState State,
    string Code,
    PartnerId Seller,
    OrderId Order,
    string OrderNumber,
    LocationId Location,
    PartnerId Operator,
    string AuthorisedBy,
    DateTimeOffset AuthorisedAt,
    DateTimeOffset AuthoriseUntil,
    string? SentReference,
    bool IsComplete,
    Money Refund,
    IReadOnlyList<ReturnLineBody> Lines,
    IReadOnlyList<ReturnJudgementBody> Judgements)
{
    public static ReturnBody Of(Return one, DateTimeOffset now) => new(
        one.Id,
        one.Kind,
        one.StateAt(now),
        one.Code,
        one.Seller,
        one.Order,
        one.OrderNumber,
        one.Location,
        one.Operator,
        one.AuthorisedBy,
        one.AuthorisedAt,
        one.AuthoriseUntil,
        one.SentReference,
        one.IsComplete,
        new Money(one.RefundAmount, one.Currency),
        [.. one.Lines.Select(line => new ReturnLineBody(
            line.Line,
            line.OrderLine,
            line.Owner,
            line.Item,
            line.Sku,
            line.Name,
            line.Reason,
            line.Note,
            line.Quantity,
            line.Received,
            one.OutstandingOf(line),
            line.ToGrade,
            line.NeedsRelease,
            new Money(line.PriceAmount, one.Currency),
            line.RefundPercent,
            line.RefundReason,
            new Money(line.RefundAmount, one.Currency),
            [.. line.Parts.Select(part => new ReturnPartBody(part.Lot, part.Received, part.ToGrade, part.OnHold, part.Restocked, part.WrittenOff, part.GivenBack))]))],
        [.. one.Judgements.Select(known => new ReturnJudgementBody(
            known.Number,
            known.Line,
            known.Cause,
            known.Lot.Length == 0 ? null : known.Lot,
            known.Quantity,
            known.Grade,
            known.Disposition,
            known.IsFromHold,
            known.ReleasedBy is null ? null : new ReturnRelease(known.ReleasedBy, known.ReleaseNote ?? ""),
            known.Note,
            new Money(known.RefundAmount, one.Currency),
            known.RefundReason,
            known.GradedBy,
            known.At))]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReturnRequest))]
[JsonSerializable(typeof(SendReturnBody))]
[JsonSerializable(typeof(ReceiveReturnBody))]
[JsonSerializable(typeof(GradeReturnBody))]
[JsonSerializable(typeof(ReturnBody))]
[JsonSerializable(typeof(Page<ReturnBody>))]
[JsonSerializable(typeof(RefundDueEvent))]
internal sealed partial class ReturnJson : JsonSerializerContext;
