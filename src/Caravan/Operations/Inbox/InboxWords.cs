using System.Diagnostics;
using System.Globalization;
using Caravan.Platform.Screens;

namespace Caravan.Operations.Inbox;

/// <summary>Exceptions and acts as people read them.</summary>
internal static class InboxWords
{
    public static string Said(ExceptionKind kind) => kind switch
    {
        ExceptionKind.StaleFeed => "Silent feed",
        ExceptionKind.BrokenFeed => "Broken feed",
        ExceptionKind.WaitingDocument => "Waits for you",
        ExceptionKind.Shortfall => "Shortfall",
        ExceptionKind.OrderAtRisk => "Order at risk",
        ExceptionKind.ShortPick => "Short pick",
        ExceptionKind.DeclinedRelease => "Declined",
        ExceptionKind.NoCourier => "No courier",
        ExceptionKind.LateParcel => "Late parcel",
        ExceptionKind.FailedDelivery => "Not delivered",
        ExceptionKind.NodeOverCapacity => "Over capacity",
        ExceptionKind.LatePicking => "Late picking",
        _ => throw new UnreachableException(),
    };

    public static string Said(ExceptionAct act, ExceptionKind kind) => act switch
    {
        ExceptionAct.Take => "I take it",
        ExceptionAct.Solve => kind == ExceptionKind.ShortPick ? "Customer told" : "Solved",
        ExceptionAct.AcceptDocument => "It is true, take it",
        ExceptionAct.DiscardDocument => "Throw it away",
        ExceptionAct.StopSelling => kind == ExceptionKind.Shortfall ? "Stop selling it there" : "Sell nothing from here",
        ExceptionAct.SourceAgain => "Look for it again",
        ExceptionAct.AskAnotherCourier => "Ask another courier",
        _ => throw new UnreachableException(),
    };

    /// <summary>How loud its mark is: past its time, soon, or not yet.</summary>
    public static Tone ToneOf(InboxEntry entry, DateTimeOffset now) =>
        entry.DueAt < now ? Tone.Bad : entry.DueAt - now < TimeSpan.FromHours(1) || entry.DueAt is null ? Tone.Warn : Tone.Info;

    /// <summary>Its clock: how long is left, or has passed.</summary>
    public static string Clock(InboxEntry entry, DateTimeOffset now) => entry.DueAt switch
    {
        null => $"for {Length(now - entry.OpenedAt)}",
        { } due when due < now => $"{Length(now - due)} past its time",
        { } due => $"{Length(due - now)} left",
    };

    public static string Length(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (int)time.TotalSeconds)} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} days"),
    };
}
