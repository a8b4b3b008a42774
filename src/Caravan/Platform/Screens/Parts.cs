using Microsoft.AspNetCore.Components;

namespace Caravan.Platform.Screens;

/// <summary>A link of the top bar.</summary>
/// <param name="Href">Where it leads.</param>
/// <param name="Words">What it says.</param>
/// <param name="IsCurrent">Whether the page is there now.</param>
public sealed record ShellLink(string Href, string Words, bool IsCurrent = false);

/// <summary>A choice of a select field.</summary>
/// <param name="Value">What is sent.</param>
/// <param name="Words">What is read.</param>
public sealed record FieldOption(string Value, string Words);

/// <summary>A step of a timeline.</summary>
/// <param name="Words">What happens.</param>
/// <param name="State">Whether it has happened.</param>
/// <param name="At">When it did, or is expected to.</param>
/// <param name="Detail">A sentence more.</param>
public sealed record TimelineStep(string Words, StepState State, DateTimeOffset? At = null, string? Detail = null);

/// <summary>Whether a step has happened.</summary>
public enum StepState
{
    /// <summary>It has.</summary>
    Done,

    /// <summary>It is happening.</summary>
    Current,

    /// <summary>It is to come.</summary>
    ToCome,

    /// <summary>It went wrong.</summary>
    Failed,
}

/// <summary>A column of a table; the first one names the row.</summary>
/// <param name="Title">Its heading, repeated beside each value on a phone.</param>
/// <param name="Cell">What a row shows there.</param>
/// <param name="IsNumber">Set in even figures and to the right.</param>
public sealed record DataColumn<TRow>(string Title, RenderFragment<TRow> Cell, bool IsNumber = false);

/// <summary>How much of an instant is shown; hovering or a screen reader always finds all of it.</summary>
public enum TimeStyle
{
    /// <summary>Sat 22 Nov, 14:05</summary>
    Moment,

    /// <summary>14:05</summary>
    Clock,

    /// <summary>22 Nov 2026</summary>
    Date,

    /// <summary>Sat 22 Nov 2026, 14:05 CET</summary>
    Full,
}

/// <summary>What a button does, which decides how loud it is.</summary>
public enum ActionKind
{
    /// <summary>What the page is for; one a page.</summary>
    Main,

    /// <summary>Everything else.</summary>
    Quiet,

    /// <summary>What cannot be undone.</summary>
    Danger,
}
