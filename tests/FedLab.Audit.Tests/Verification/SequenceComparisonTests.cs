using FsCheck;
using FsCheck.Fluent;

namespace FedLab.Audit.Tests.Verification;

/// <summary>The comparison says what was done, and what it says turns one sequence into the other.</summary>
public sealed class SequenceComparisonTests
{
    [Theory]
    [InlineData("abcdef", "abcdef", "")]
    [InlineData("abcdef", "abXdef", "Altered 2 2")]
    [InlineData("abcdef", "abdef", "Removed 2 -1")]
    [InlineData("abcdef", "abcdeXf", "Added -1 5")]
    [InlineData("abcdef", "bcdeaf", "Reordered 0 4")]
    [InlineData("abcdef", "abXYef", "Altered 2 2, Altered 3 3")]
    [InlineData("abcdef", "abXef", "Altered 2 2, Removed 3 -1")]
    [InlineData("abcdef", "abccdef", "Added -1 3")]
    [InlineData("abcdef", "", "Removed 0 -1, Removed 1 -1, Removed 2 -1, Removed 3 -1, Removed 4 -1, Removed 5 -1")]
    [InlineData("", "ab", "Added -1 0, Added -1 1")]
    public void Differences_are_the_ones_that_were_made(string recorded, string found, string expected) =>
        Assert.Equal(expected, string.Join(", ", SequenceComparison.Compare(recorded.ToArray(), found.ToArray()).Select(difference => $"{difference.Kind} {difference.Recorded} {difference.Found}")));

    [Fact]
    public void Every_place_that_is_not_named_stands_unchanged_and_in_order()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), ArbMap.Default.ArbFor<NonEmptyArray<byte>>(), (length, edits) =>
        {
            List<int> recorded = [.. Enumerable.Range(0, Math.Abs(length % 40) + 1)];
            List<int> found = [.. recorded];
            foreach (byte edit in edits.Get)
            {
                if (found.Count == 0) break;
                int place = edit % found.Count;
                switch (edit % 4)
                {
                    case 0:
                        found[place] = 1000 + edit;
                        break;
                    case 1:
                        found.RemoveAt(place);
                        break;
                    case 2:
                        found.Insert(place, found[^1]);
                        break;
                    default:
                        found.Reverse(0, place);
                        break;
                }
            }

            List<SequenceDifference> differences = SequenceComparison.Compare(recorded, found);
            HashSet<int> namedRecorded = [.. differences.Select(difference => difference.Recorded)];
            HashSet<int> namedFound = [.. differences.Select(difference => difference.Found)];
            return recorded.Where((_, place) => !namedRecorded.Contains(place)).SequenceEqual(found.Where((_, place) => !namedFound.Contains(place)))
                && (differences.Count > 0 || recorded.SequenceEqual(found));
        }).Search();
    }
}
