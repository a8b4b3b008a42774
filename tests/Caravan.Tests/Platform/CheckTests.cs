using Caravan.Delivery;
using Caravan.Platform.Problems;

namespace Caravan.Tests.Platform;

/// <summary>Words that a filter knows, and what only looks like one.</summary>
public sealed class CheckTests
{
    [Theory]
    [InlineData("booked", JobStatus.Booked)]
    [InlineData("OUTFORDELIVERY", JobStatus.OutForDelivery)]
    public void A_word_of_a_filter_is_known_in_whatever_case(string word, JobStatus known)
    {
        var check = new Check().Word<JobStatus>(word, "?status", out var found);

        Assert.False(check.Failed);
        Assert.Equal(known, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("lost")]
    [InlineData(" booked")]
    [InlineData("booked,assigned")]
    public void What_is_no_word_of_it_is_named_with_those_that_are(string word)
    {
        var check = new Check().Word<JobStatus>(word, "?status", out var found);

        Assert.Null(found);
        Assert.Contains("booked, assigned", Assert.Single(check.Faults).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_said_asks_for_all()
    {
        var check = new Check().Word<JobStatus>(null, "?status", out var found);

        Assert.False(check.Failed);
        Assert.Null(found);
    }
}
