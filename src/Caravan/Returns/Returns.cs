using Caravan.Catalog;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Stock;

namespace Caravan.Returns;

/// <summary>Goods of one order that a customer may send back. Without a location they go to the node that sent them, if it may receive them, else to the closest warehouse that may; until: thirty days from now, unless it is said.</summary>
public sealed record ReturnRequest(OrderId Order, List<ReturnWish> Lines)
{
    /// <summary>Where they go.</summary>
    public LocationId? Location { get; init; }

    /// <summary>Until when they must have begun to come.</summary>
    public DateTimeOffset? AuthoriseUntil { get; init; }
}

/// <summary>Units of an order line to send back, and why.</summary>
public sealed record ReturnWish(int Line, int Quantity, ReturnReason Reason)
{
    /// <summary>What the customer says of it.</summary>
    public string? Note { get; init; }

    /// <summary>How much of the price is paid back: all of it, unless it is said.</summary>
    public ReturnRefund? Refund { get; init; }
}

/// <summary>How much of the price is paid back, in per cent: 0 none, 100 all. Less than all needs a reason.</summary>
public sealed record ReturnRefund(int Percent)
{
    /// <summary>Why not all of it.</summary>
    public string? Reason { get; init; }
}

/// <summary>Units of a return's line that have come, by lot where they are kept by lot.</summary>
public sealed record ReturnArrival(int Line, int Quantity)
{
    /// <summary>Of which lots, when the order got several.</summary>
    public List<ReturnArrivalLot>? Lots { get; init; }
}

/// <summary>Units of a lot that have come, by the code on their packs.</summary>
public sealed record ReturnArrivalLot(string Code, int Quantity);

/// <summary>A judgement on units of a return's line: how they are, and what becomes of them.</summary>
public sealed record ReturnGrading(int Line, int Quantity, ReturnGrade Grade, ReturnDisposition Disposition)
{
    /// <summary>Of which lot, when several have come.</summary>
    public string? Lot { get; init; }

    /// <summary>They were graded before, and are on hold.</summary>
    public bool FromHold { get; init; }

    /// <summary>Who of quality releases what is not sold again by itself, and on what ground.</summary>
    public ReturnRelease? Release { get; init; }

    /// <summary>How much of the price is paid back, where the seller decides it now.</summary>
    public ReturnRefund? Refund { get; init; }

    /// <summary>What is said of them.</summary>
    public string? Note { get; init; }
}

/// <summary>Which returns to list.</summary>
/// <param name="State">Of one state only.</param>
/// <param name="Order">Of one order only.</param>
/// <param name="Code">The one of this code.</param>
public readonly record struct ReturnFilter(ReturnState? State = null, OrderId? Order = null, string? Code = null);

/// <summary>Why something cannot be done with a return.</summary>
public enum ReturnRefusal
{
    /// <summary>More is to be sent back than the customer has.</summary>
    MoreThanDelivered,

    /// <summary>No location may receive all of it.</summary>
    NoPlace,

    /// <summary>It is closed, called off or has expired.</summary>
    Over,

    /// <summary>Some of it has come already.</summary>
    Underway,

    /// <summary>More came than was authorised.</summary>
    MoreThanAuthorised,

    /// <summary>Fewer units of it wait to be graded.</summary>
    NotThatMany,

    /// <summary>It may not be sold again.</summary>
    NotRestockable,

    /// <summary>It is sold again only on a named person's word.</summary>
    ReleaseNeeded,

    /// <summary>It is another company's to do.</summary>
    NotYours,
}

/// <summary>How an act on a return went.</summary>
public abstract record ReturnOutcome
{
    private ReturnOutcome()
    {
    }

    /// <summary>Done, or done before; the return as it is now.</summary>
    public sealed record Done(Return Return) : ReturnOutcome;

    /// <summary>Nothing was done.</summary>
    public sealed record Refused(ReturnRefusal Why, string Detail, int? Line = null, int? Left = null) : ReturnOutcome;

    /// <summary>The request itself has faults.</summary>
    public sealed record Faulty(IReadOnlyList<Fault> Faults) : ReturnOutcome;

    /// <summary>There is no such return that the company has to do with.</summary>
    public sealed record Unknown : ReturnOutcome;
}

/// <summary>Money is to be paid back for units of a line that were judged, or never came. Subject: the return. Tenant: the seller. Once for each line and judging.</summary>
/// <param name="Return">The return.</param>
/// <param name="Order">Its order.</param>
/// <param name="OrderNumber">The seller's number of the order.</param>
/// <param name="Line">The return's line.</param>
/// <param name="OrderLine">The order's line.</param>
/// <param name="Quantity">For how many units.</param>
/// <param name="Refund">How much, never more than was paid for them.</param>
public sealed record RefundDueEvent(ReturnId Return, OrderId Order, string OrderNumber, int Line, int OrderLine, int Quantity, Money Refund)
{
    /// <summary>Its outbox type.</summary>
    public const string Type = "returns.refund-due";

    /// <summary>The facts of such an event.</summary>
    public static RefundDueEvent Of(OutboxEvent happened) => happened.Read(ReturnJson.Default.RefundDueEvent);
}

internal static class ReturnsRoom
{
    public static IServiceCollection AddReturns(this IServiceCollection services) =>
        services
            .AddSingleton<ReturnPlaces>()
            .AddSingleton(provider => new ReturnDesk(
                provider.GetRequiredService<OrderDesk>(),
                provider.GetRequiredService<ReturnedStock>(),
                provider.GetRequiredService<ItemCatalog>(),
                provider.GetRequiredService<ReturnPlaces>(),
                provider.GetRequiredService<Outbox>()))
            .AddSingleton(provider => provider.GetRequiredService<ReturnDesk>().OfParcels)
            .AddRoomJson(ReturnJson.Default);

    public static void MapReturns(this IEndpointRouteBuilder routes) => routes.MapReturnEndpoints();
}
