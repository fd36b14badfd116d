/** Properties of whole boots over generated machines. */
@NullMarked
package org.iommu4j.properties;

import org.jspecify.annotations.NullMarked;
