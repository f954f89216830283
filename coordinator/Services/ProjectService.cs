using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Enrolment;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Coordinator.Services;

/// <summary>What leads do with the parties of the project.</summary>
internal sealed class ProjectService(EnrolmentDesk desk, CoordinatorHome home, ILogger<ProjectService> logger) : Project.ProjectBase
{
    public override Task<Member> Invite(InviteRequest request, ServerCallContext context) => Logged(context, lead =>
    {
        // A lifetime beyond the longest is refused as such; only what no clock can hold is cut before.
        var seconds = Math.Clamp(request.LifetimeSeconds, -1, (long)EnrolmentDesk.LongestInvitation.TotalSeconds + 1);
        return desk.Invite(request.Party, request.TokenSha256.ToByteArray(), TimeSpan.FromSeconds(seconds), lead);
    });

    public override Task<Member> Revoke(RevokeRequest request, ServerCallContext context) => Logged(context, lead => desk.Revoke(request.Party, request.Reason, lead));

    public override Task<ListMembersReply> ListMembers(ListMembersRequest request, ServerCallContext context) => Logged(context, _ =>
    {
        var reply = new ListMembersReply { Lab = home.Options.Lab };
        reply.Members.AddRange(desk.Members());
        return reply;
    });

    private Task<T> Logged<T>(ServerCallContext context, Func<string, T> work)
    {
        try
        {
            return Task.FromResult(work(AccessControl.Require(context, LabRole.Lead).Name));
        }
        catch (RpcException e)
        {
            Log.CallRefused(logger, context.Peer, e.Status.Detail);
            throw;
        }
    }
}
