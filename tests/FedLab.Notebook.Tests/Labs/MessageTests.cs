using System.Globalization;
using FedLab.Audit;
using FedLab.Client;
using FedLab.Federation.Channels;
using FedLab.Notebook.Display;
using FedLab.Notebook.Labs;

namespace FedLab.Notebook.Tests.Labs;

/// <summary>What the notebook says of messages, and in which language.</summary>
public sealed class MessageTests
{
    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public void Every_step_that_exists_has_a_sentence_of_its_own_and_readers(string language)
    {
        In(language, () =>
        {
            var sentences = Steps.All.Select(step => StepText.Sentence(step.Name)).ToArray();
            Assert.All(sentences, sentence => Assert.NotNull(sentence));
            Assert.Distinct(sentences);
            if (language == "zh-CN") Assert.All(sentences, sentence => Assert.Contains(sentence!, letter => letter >= 0x4E00));
            foreach (var step in Steps.All)
            {
                var readers = StepText.ReadersOf(EnvelopeOf(step));
                Assert.NotNull(readers);
                // What is not public is never everybody's, and what is relayed is never the coordinator's.
                Assert.Equal(step.Class == MessageClass.Public, readers == MessageReaders.Everyone);
                Assert.NotEmpty(StepText.ReadersText(EnvelopeOf(step)));
            }
        });
    }

    [Fact]
    public void A_step_that_is_not_known_has_no_sentence_and_a_ciphertext_of_it_no_readers()
    {
        Assert.Null(StepText.Sentence("new.step"));
        Assert.Null(StepText.ReadersOf(EnvelopeOf(Steps.ScanRequest) with { Step = "new.step" }));
    }

    [Fact]
    public void A_language_is_kept_for_the_cells_that_follow()
    {
        var before = CultureInfo.CurrentUICulture;
        var host = new RecordingHost();
        NotebookHost.Enter(host, CancellationToken.None);
        try
        {
            Notebook.Labs.Language.Use("zh");
            Assert.Equal("zh-CN", host.Culture.Name);
            Assert.Equal("zh-CN", CultureInfo.CurrentUICulture.Name);
            Notebook.Labs.Language.Use("en-GB");
            Assert.Equal("en", host.Culture.Name);
            Assert.Contains("'fr'", Assert.Throws<ClientException>(() => Notebook.Labs.Language.Use("fr")).Message, StringComparison.Ordinal);
            Assert.Equal("en", host.Culture.Name);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public async Task A_folder_without_a_log_is_said_to_be_none()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(folder.File("no"), (await Assert.ThrowsAsync<ClientException>(() => RunMessages.ReadAsync(folder.File("no")))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AuditFormatException>(() => RunMessages.ReadAsync(folder.Path));
        await File.WriteAllTextAsync(folder.File("entries.jsonl"), "{\"not\":\"an entry\"}\n", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<AuditFormatException>(() => RunMessages.ReadAsync(folder.Path));
        Assert.Contains(folder.File("none"), (await Assert.ThrowsAsync<ClientException>(() => AuditTrail.VerifyAsync(folder.File("none")))).Message, StringComparison.Ordinal);
    }

    private static EnvelopeRecord EnvelopeOf(Step step) => new(
        "run", 1, step.Name, 0, "bank-a", step.IsBroadcast ? "*" : "source",
        step.Class switch { MessageClass.Public => EnvelopeClass.Public, MessageClass.Ciphertext => EnvelopeClass.Ciphertext, _ => EnvelopeClass.Sealed }, 10, default);

    private static void In(string language, Action act)
    {
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        try
        {
            act();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
