using FedLab.Participant.Approval;

namespace FedLab.Participant.Tests;

/// <summary>What a person's decision file may hold.</summary>
public sealed class ManualDecisionTests
{
    [Theory]
    [InlineData("approve")]
    [InlineData("Approve\r\n")]
    [InlineData("\tAPPROVE ")]
    public void Approve_alone_approves_in_any_case(string text) => Assert.Equal(new ManualDecision(true, ""), ManualDecision.Parse(text));

    [Theory]
    [InlineData("refuse: not this quarter\n", "not this quarter")]
    [InlineData("REFUSE not this quarter", "not this quarter")]
    [InlineData("Refuse :\n not\n this", "not\n this")]
    [InlineData("refuse：本季度不参加", "本季度不参加")]
    public void Refuse_refuses_with_the_reason_behind_it(string text, string reason) => Assert.Equal(new ManualDecision(false, reason), ManualDecision.Parse(text));

    [Theory]
    [InlineData("refuse")]
    [InlineData(" Refuse:\n")]
    public void Refuse_alone_refuses_with_a_reason_of_the_programs_own(string text) => Assert.Equal(new ManualDecision(false, Messages.RefusedByPerson), ManualDecision.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("maybe")]
    [InlineData("yes")]
    [InlineData("approved")]
    [InlineData("approve: if the bank agrees")]
    [InlineData("approve\nrefuse")]
    [InlineData("refused")]
    [InlineData("refuse?")]
    [InlineData("do not refuse")]
    public void Anything_else_is_no_decision(string text) => Assert.Null(ManualDecision.Parse(text));
}
