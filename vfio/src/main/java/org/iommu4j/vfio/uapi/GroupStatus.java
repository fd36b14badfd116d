package org.iommu4j.vfio.uapi;

import com.google.errorprone.annotations.Immutable;

/**
 * What VFIO_GROUP_GET_STATUS answers.
 *
 * <p>Source: {@code include/uapi/linux/vfio.h:struct vfio_group_status}.
 *
 * @param error 0 or a negative error number, with which nothing else counts
 * @param viable whether no driver of the host uses a device of the group
 * @param containerSet whether the group is in a container
 */
@Immutable
public record GroupStatus(int error, boolean viable, boolean containerSet) {}
